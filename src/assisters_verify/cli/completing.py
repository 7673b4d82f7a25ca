"""What a shell is offered for the words that options take: areas, and ids of clauses."""

import click
from click.shell_completion import CompletionItem


def complete_areas(_context: click.Context, _parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the areas that begin so."""
    from assisters_verify.cli.spec import read_catalogue  # noqa: PLC0415 - only a shell that asks needs it

    return [CompletionItem(area) for area in read_catalogue().areas if area.startswith(text)]


def complete_clauses(_context: click.Context, _parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the ids of clauses that begin so, each with its title."""
    from assisters_verify.cli.spec import read_catalogue  # noqa: PLC0415 - only a shell that asks needs it

    wanted = text.upper()
    return [CompletionItem(each.id, help=each.title) for each in read_catalogue() if each.id.startswith(wanted)]
