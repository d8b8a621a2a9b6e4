"""Lists of packages to install: where they come from. A package is code that runs when it is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from modelward.formats import web
from modelward.formats.config import CodeReference
from modelward.formats.facts import PathEscape, RemoteFetch
from modelward.formats.paths import beside

_INDEX = re.compile(
    r"(?:^|\s)(?:(?P<option>--index-url|--extra-index-url|--find-links|--pypi-url)(?:\s+|=)|(?P<short>-[if])[\s=]*)"
    r"[\"']?(?P<url>[^\s\"'\\;#]+)"
)
_TRUSTED = re.compile(r"(?:^|\s)--trusted-host(?:\s+|=)(?P<host>[^\s\\;]+)")
_DIRECT = re.compile(
    r"(?:^|\s|@\s*|-e\s*|--editable=)(?P<url>(?:(?:git|hg|svn|bzr)\+)?(?:https?|ftp|ssh|git|file)://[^\s\"';]+)",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"^\s*(?:-e\s+|-r\s+|-c\s+|--requirement[=\s])?(?P<path>(?:/|\.\./)[^\s;]*)")
#: Another list that pip reads too.
_INCLUDED = re.compile(r"^\s*(?:-[rc]\s*|--(?:requirement|constraint)[=\s]\s*)[\"']?(?P<path>[^\s\"';#]+)")
_PIP = re.compile(r"\b(?:pip3?|uv(?:\s+pip)?)\s+(?:install|download|sync)\b")

Fact = CodeReference | PathEscape | RemoteFetch

#: Where a setting of pip or setuptools says that packages come from.
_SETTING = re.compile(
    r"^\s*(?P<key>(?:extra[-_])?index[-_]url|find[-_]links|dependency[-_]links|trusted[-_]host)"
    r"\s*=\s*(?P<value>.*)$",
    re.IGNORECASE | re.MULTILINE,
)


def lines(text: str, *, archived: str = "") -> Iterator[Fact]:
    """A requirements file, or one of constraints; `archived` is its name if it lies in an archive."""
    for number, line in enumerate(text.replace("\\\n", " ").split("\n"), 1):
        bare = re.sub(r"(?:^|\s)#.*", "", line)
        if not bare.strip():
            continue
        included = _INCLUDED.match(bare) if archived else None
        path = included["path"] if included else ""
        if path.startswith(("/", "file:")) or (path and beside(archived, path).startswith("../")):
            yield PathEscape(f"line {number}", path, "pip reads it as a list of packages")
        else:
            yield from requirement(bare, f"line {number}")


def requirement(line: str, where: str) -> Iterator[Fact]:
    """One line: options, a package, or an address."""
    for found in _INDEX.finditer(line):
        yield from index(found["url"], where, found["option"] or found["short"])
    for found in _TRUSTED.finditer(line):
        yield from trusted(found["host"], where)
    rest = _INDEX.sub(" ", line)
    if local := _LOCAL.match(rest):
        path = local["path"]
        if path.startswith(("/etc", "/tmp", "/dev", "/home", "/root", "/var")) or path.count("../") > 2:  # noqa: S108
            yield PathEscape(where, path, "pip installs what lies there")
    for found in _DIRECT.finditer(rest):
        yield from address(found["url"], where)


def trusted(host: str, where: str) -> Iterator[Fact]:
    """A host that packages are taken from whoever answers in its name."""
    if not web.is_known(f"https://{host}/"):
        yield RemoteFetch(where, host, "pip does not check who answers for this host")


def index(url: str, where: str, option: str) -> Iterator[Fact]:
    """An index that packages are taken from: a name that both have comes from whichever is newer."""
    if "://" not in url and not url.startswith("//"):
        return
    host = web.host_of(url)
    if web.is_local(host) or "${" in url:
        return
    if web.is_address(url) or web.is_drop(url) or not web.is_known(url):
        yield RemoteFetch(where, url, f"packages come from there ({option})")
    elif url.lower().startswith("http:"):
        yield CodeReference(where, repr(url[:120]), "packages come from there without encryption")


def address(url: str, where: str) -> Iterator[Fact]:
    """A package by its address."""
    plain = re.sub(r"^(?:git|hg|svn|bzr)\+", "", url, flags=re.IGNORECASE)
    if plain.startswith(("ssh://git@", "git@", "file://")) or web.is_local(web.host_of(plain)) or "${" in url:
        return
    if web.is_address(plain) or web.is_drop(plain) or not web.is_known(plain):
        yield RemoteFetch(where, url, "a package is installed from there")


def shell(text: str) -> Iterator[Fact]:
    """The commands of a script that install packages."""
    if "install" not in text:
        return
    for number, line in enumerate(text.replace("\\\n", " ").split("\n"), 1):
        if (found := _PIP.search(line)) and not line.lstrip().startswith("#"):
            yield from requirement(line[found.end() :], f"line {number}")


def settings(text: str) -> Iterator[Fact]:
    """pip.conf and setup.cfg: `index-url = ...`."""
    for found in _SETTING.finditer(text):
        key = found["key"].lower().replace("_", "-")
        where = f"line {text.count(chr(10), 0, found.start()) + 1}"
        for value in found["value"].split():
            if key == "trusted-host":
                yield from trusted(value, where)
            elif "://" in value:
                yield from index(value, where, key)


def environment(document: Any) -> Iterator[Fact]:
    """A conda environment or MLflow's python_env.yaml: channels and what pip installs."""
    if not isinstance(document, dict):
        return
    channels = document.get("channels")
    for channel in channels if isinstance(channels, list) else ():
        if isinstance(channel, str) and "://" in channel:
            yield from index(channel, "channels", "a channel of conda")
    for key in ("dependencies", "build_dependencies", "pip"):
        listed = document.get(key)
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, str):
                yield from requirement(item, key)
            elif isinstance(item, dict) and isinstance(item.get("pip"), list):
                for line in item["pip"]:
                    if isinstance(line, str):
                        yield from requirement(line, f"{key}/pip")


def project(document: dict[str, Any]) -> Iterator[Fact]:
    """pyproject.toml and Pipfile: sources, and requirements by address."""
    tool = document.get("tool") if isinstance(document.get("tool"), dict) else {}
    for pointer, value in _strings(
        {
            "project": document.get("project"),
            "build-system": document.get("build-system"),
            "tool": {
                name: tool.get(name)
                for name in ("poetry", "uv", "pdm", "hatch", "setuptools")
                if isinstance(tool, dict)
            },
            "source": document.get("source"),
            "packages": document.get("packages"),
        }
    ):
        last = pointer.rsplit("/", 1)[-1]
        if last in ("url", "index-url", "extra-index-url", "default-index", "index") and re.search(
            r"/(?:source|index|sources|index-url|extra-index-url)\b", pointer
        ):
            yield from index(value, pointer, last)
        elif "dependencies" in pointer or "requires" in pointer:
            yield from requirement(value, pointer)


def _strings(root: Any) -> Iterator[tuple[str, str]]:
    todo: list[tuple[str, Any]] = [("", root)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            todo += [(f"{pointer}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [
                (f"{pointer}/{at}" if isinstance(item, dict) else pointer, item)
                for at, item in enumerate(value)
            ]
        elif isinstance(value, str):
            yield pointer, value
