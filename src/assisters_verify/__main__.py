"""Run the command line with `python -m assisters_verify`."""

from assisters_verify.cli import main

main(prog_name="assisters-verify")
