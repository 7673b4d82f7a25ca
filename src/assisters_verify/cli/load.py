"""`assisters-verify load`: put load on a target, judge what came of it, and write the reports."""

from typing import Any

import click

from assisters_verify.cli.load_options import LoadCommand, load_options


@click.command(cls=LoadCommand)
@load_options
def command(**options: Any) -> None:
    """Put load on a server, and tell whether it holds: the thresholds, and the promises about rate limits.

    SCENARIO is one of those that `load --list` shows; `load calibrate` tells how well this machine can measure. The
    key is read from ASSISTERS_API_KEY, or from where the target file says; never from the command line.
    """
    from assisters_verify.cli.load_action import put_load  # noqa: PLC0415 - so that help comes at once

    put_load(**options)
