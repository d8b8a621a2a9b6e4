"""`modelward rule`: what the scanner looks for."""

from __future__ import annotations

import click

from modelward.cli import output
from modelward.core.errors import UsageError


@click.command("rule")
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rule(identifier: str | None, as_json: bool) -> None:
    """Explain a rule of the scanner, or list all of them."""
    from modelward.render import rules as pages
    from modelward.scan.rules import RULES

    if identifier is not None and identifier not in RULES:
        raise UsageError(f"there is no rule {identifier!r}", help="modelward rule lists them")
    chosen = [RULES[identifier]] if identifier else list(RULES.values())
    if as_json:
        output.answer_json(
            {
                "rules": [
                    {"id": one.id, "severity": one.severity.value, "title": one.title, "help": one.help}
                    for one in chosen
                ]
            }
        )
    elif identifier:
        output.answer(pages.page(chosen[0]))
    else:
        output.answer(pages.listing(RULES))
