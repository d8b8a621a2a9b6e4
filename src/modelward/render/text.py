"""A scan's report as text for people (DESIGN section 6). Untrusted text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelward.core.escape import escape
from modelward.core.finding import Confidence, Coverage, Finding, Severity, Verdict
from modelward.render.examined import Examined, worst

#: Unexamined files listed one by one, unless all are asked for.
MAX_LISTED = 50
_WIDTH = 62


def report(examined: Sequence[Examined], code: int, *, ledger: bool = False) -> str:
    """The whole report, ending with the result. `ledger`: list every file and member, examined or not."""
    lines: list[str] = []
    explained: set[str] = set()
    for one in examined:
        for finding in one.findings():
            lines += _finding(finding)
            if finding.rule not in explained:
                lines.append(f"   = more: modelward rule {finding.rule}")
                explained.add(finding.rule)
    lines += _ledger(examined) if ledger else _unexamined(examined)
    lines += _remote(examined)
    lines.append(_counts(examined))
    lines.append(result(worst(examined), code))
    return "\n".join(lines)


def result(verdict: Verdict, code: int) -> str:
    """The last line: the verdict and the exit code."""
    return f"{f'result: {verdict.value}':<{_WIDTH}}(exit {code})"


def _finding(finding: Finding) -> Iterator[str]:
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    sure = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value} confidence)"
    yield f"{finding.severity.value}[{finding.rule}]: {escape(finding.message)}{times}{sure}"
    at = "" if finding.offset is None else f", byte {finding.offset}"
    yield f"  --> {escape(finding.path)}{at}"
    if finding.expression is not None:
        if finding.step is None or finding.offset is None:
            yield f"   | {escape(finding.expression)}"
        else:
            offset = f"{finding.offset:#06x}"
            yield f"   | {offset}  {finding.step}   {escape(finding.expression)}"
            margin = " " * (len(offset) + 2)
            yield f"   | {margin}{'^' * len(finding.step)}   {finding.label or ''}".rstrip()
    if finding.fix:
        yield f"   = help: {escape(finding.fix)}"


def _unexamined(examined: Sequence[Examined]) -> Iterator[str]:
    entries = [entry for one in examined for entry in one.coverage() if not entry.examined]
    yield from map(_entry, entries[:MAX_LISTED])
    if len(entries) > MAX_LISTED:
        yield f"not examined: … and {len(entries) - MAX_LISTED} more (-v lists all)"


def _ledger(examined: Sequence[Examined]) -> Iterator[str]:
    return (_entry(entry) for one in examined for entry in one.coverage())


def _entry(entry: Coverage) -> str:
    if entry.examined:
        return f"examined: {escape(entry.path)} ({escape(entry.format)})"
    return f"not examined: {escape(entry.path)} ({escape(entry.reason)})"


def _remote(examined: Sequence[Examined]) -> Iterator[str]:
    for one in examined:
        if one.result.fetched is None:
            continue
        if one.result.declared is not None:
            yield f"declared: {escape(one.path)} is {escape(one.result.declared)}, not checked"
        yield f"fetched: {one.result.fetched} bytes of {escape(one.path)}"


def _counts(examined: Sequence[Examined]) -> str:
    files = sum(one.result.files for one in examined)
    whole = sum(one.result.examined for one in examined)
    findings = [finding for one in examined for finding in one.result.findings]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    suppressed = sum(one.result.suppressed for one in examined)
    return (
        f"{_plural(files, 'file')}: {whole} examined, {files - whole} not. "
        f"{_plural(errors, 'error')}, {_plural(warnings, 'warning')}, {suppressed} suppressed"
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
