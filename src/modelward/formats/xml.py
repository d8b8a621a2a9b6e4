"""XML as a stream of elements. Entities are never expanded and nothing they name is opened.

What a document's type declaration may make a parser do is shown as facts: fetch an address or read a file
(external entities and subsets), or blow up (entities within entities).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from xml.parsers import expat

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats.facts import Malformed, PathEscape, RemoteFetch
from modelward.formats.paths import leaves
from modelward.formats.source import Source

MAX_DEPTH = 1000
MAX_TEXT_BYTES = 64 << 10
MAX_ENTITIES = 10_000
MAX_ENTITY_BYTES = 1 << 20
#: Bytes that all uses of a document's own entities together may stand for.
MAX_EXPANDED_BYTES = 8 << 20
ENDLESS = 1 << 62
#: Uses of one entity in another that text for people has no need of.
MIN_REPEATED = 4
_USED = regex(r"&([^;&#]+);")
_NETWORK = ("http", "https", "ftp", "ftps", "gopher", "ldap", "ldaps", "sftp", "smb", "ws", "wss")
_HREF = regex(r"""href\s*=\s*["']([^"']{1,2000})""")
_LOCAL = ("file:", "jar:", "netdoc:", "php:", "expect:", "data:")
#: Where the published document types lie that ordinary files name; their parsers know them without asking.
_DTD_HOSTS_TEXT = (
    "w3.org apple.com dmg.org java.sun.com oasis-open.org xml.apache.org jakarta.apache.org "
    "logging.apache.org docbook.org mybatis.org springframework.org hibernate.org checkstyle.org "
    "puppycrawl.com"
)
_DTD_HOSTS = frozenset(_DTD_HOSTS_TEXT.split())
#: The same on hosts where others may publish too: of GIFTI, the surfaces of brains.
_DTDS = frozenset(
    {
        "http://gifti.projects.nitrc.org/gifti.dtd",
        "http://www.nitrc.org/frs/download.php/115/gifti.dtd",
    }
)


class Element(Struct, frozen=True):
    """An element when it begins: its tag, its attributes, the tags it lies within, its byte offset."""

    tag: str
    attributes: dict[str, str]
    path: tuple[str, ...]
    offset: int


class Text(Struct, frozen=True):
    """Text within an element, up to MAX_TEXT_BYTES of it: the element's path, its own tag last."""

    path: tuple[str, ...]
    text: str
    offset: int


class EntityBomb(Struct, frozen=True):
    """Entities that stand for very much more text than the document has, or for each other."""

    name: str
    bytes: int
    offset: int

    @property
    def endless(self) -> bool:
        """Whether an entity stands for itself."""
        return self.bytes >= ENDLESS


Content = Element | Text
Item = Content | EntityBomb | PathEscape | RemoteFetch | Malformed


def included(element: Element) -> PathEscape | RemoteFetch | None:
    """What an element of XInclude makes a parser read, if that is no file beside the document."""
    prefix, _, name = element.tag.rpartition(":")
    href = element.attributes.get("href", "")
    marked = prefix.lower() in ("xi", "xinclude") or any(
        "w3.org/2001/XInclude" in value for value in element.attributes.values()
    )
    if name != "include" or not marked or not href:
        return None
    if href.partition(":")[0].lower() in _NETWORK:
        return RemoteFetch("xi:include", href, "a parser includes it", element.offset)
    if leaves(href):
        return PathEscape("xi:include", href, "a parser includes it", element.offset)
    return None


class _Document(Struct):
    """What the parser has come to, until it is handed on."""

    parser: expat.XMLParserType
    ready: list[Item] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    entities: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    expanded: int = 0
    text: list[str] = field(default_factory=list)
    text_bytes: int = 0
    bombed: bool = False

    def offset(self) -> int:
        return max(0, self.parser.CurrentByteIndex)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= MAX_DEPTH:
            raise LimitExceeded(f"its elements nest over {MAX_DEPTH} levels deep")
        self.flush()
        self.ready.append(Element(tag, attributes, tuple(self.path), self.offset()))
        self.path.append(tag)

    def end(self, _tag: str) -> None:
        self.flush()
        self.path.pop()

    def flush(self) -> None:
        if self.text:
            text, self.text, self.text_bytes = "".join(self.text), [], 0
            if not text.isspace():
                self.ready.append(Text(tuple(self.path), text, self.offset()))

    def characters(self, text: str) -> None:
        if self.text_bytes < MAX_TEXT_BYTES:
            self.text.append(text)
            self.text_bytes += len(text)

    def doctype(self, name: str, system: str | None, _public: str | None, _internal: int) -> None:
        if system:
            self.external(f"its document type {name!r}", system)

    def entity(
        self, name: str, parameter: int, value: str | None, _base: str | None, system: str | None,
        _public: str | None, _notation: str | None,
    ) -> None:  # fmt: skip
        if len(self.entities) >= MAX_ENTITIES:
            raise LimitExceeded(f"it declares over {MAX_ENTITIES} entities")
        if system is not None:
            self.external(f"its entity {name!r}", system)
        self.entities.setdefault(f"%{name}" if parameter else name, (value or "")[:MAX_ENTITY_BYTES])

    def declared(self) -> None:
        """The declarations are complete: an entity may use one that is declared after it."""
        for name in self.entities:
            self.bomb(name, self.size(name, ()))
        often = "" if self.bombed else next((name for name in self.entities if self.levels(name) > 1), "")
        if often:
            self.bombed = True
            self.ready.append(EntityBomb(often, self.sizes[often], self.offset()))

    def external(self, where: str, system: str) -> None:
        effect = "an XML parser that resolves entities reads it while the file is parsed"
        scheme, separator, rest = system.partition("://")
        if separator and scheme.lower() in _NETWORK:
            known = rest.partition("/")[0].lower().removeprefix("www.") in _DTD_HOSTS or system in _DTDS
            if not known:
                self.ready.append(RemoteFetch(where, system, effect, self.offset()))
        elif separator or leaves(system) or system.lower().startswith(_LOCAL):
            self.ready.append(PathEscape(where, system, effect, self.offset()))
        elif "entity" in where:
            self.ready.append(Malformed("XML", f"{where} takes in the file {system[:80]!r}", self.offset()))

    def size(self, name: str, within: tuple[str, ...]) -> int:
        """The bytes an entity stands for; one within itself for more than any bound."""
        if name in self.sizes:
            return self.sizes[name]
        value = self.entities.get(name)
        if value is None:
            return 0
        if name in within or len(within) > 64:
            return ENDLESS
        total = len(value)
        for part in value.split("&")[1:]:
            inner = part.partition(";")[0]
            if inner and not inner.startswith("#"):
                total += self.size(inner, (*within, name))
        self.sizes[name] = min(total, ENDLESS)
        return self.sizes[name]

    def levels(self, name: str) -> int:
        """How many times over an entity, none of which is within itself, repeats others that repeat."""
        inner = Counter(_USED.findall(self.entities.get(name, "")))
        often = [used for used, times in inner.items() if times >= MIN_REPEATED and used in self.entities]
        return 1 + max(map(self.levels, often)) if often else 0

    def bomb(self, name: str, size: int) -> None:
        if size > MAX_EXPANDED_BYTES and not self.bombed:
            self.bombed = True
            self.ready.append(EntityBomb(name, size, self.offset()))

    def skipped(self, name: str, is_parameter: bool) -> None:
        self.expanded += self.size(f"%{name}" if is_parameter else name, ())
        self.bomb(name, self.expanded)

    def default(self, data: str) -> None:
        """Uses of a document's own entities come here, since nothing expands them."""
        if data.startswith("&") and data.endswith(";"):
            self.skipped(data[1:-1], False)

    def instruction(self, target: str, data: str) -> None:
        address = _HREF.search(data) if target.lower() == "xml-stylesheet" else None
        if address is not None and "://" in address[1]:
            self.external("its style sheet", address[1])


def items(source: Source) -> Iterator[Item]:
    """Elements as they begin, and what the declarations do. Raises InputError where it is not well-formed.

    Entities in the values of attributes are expanded by the parser itself, which bounds what they amount to.
    """
    parser = expat.ParserCreate()
    document = _Document(parser)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.characters
    parser.StartDoctypeDeclHandler = document.doctype
    parser.EntityDeclHandler = document.entity
    parser.EndDoctypeDeclHandler = document.declared
    parser.SkippedEntityHandler = document.skipped
    parser.ProcessingInstructionHandler = document.instruction
    parser.DefaultHandler = document.default  # set without Expand: inner entities stay as they are
    parser.ExternalEntityRefHandler = lambda *_: 1
    try:
        for chunk in source.chunks():
            parser.Parse(chunk, False)
            yield from document.ready
            document.ready.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield from document.ready
        raise InputError(f"it is not well-formed XML: {error}") from None
    except (LookupError, ValueError, UnicodeError) as error:
        yield from document.ready
        raise InputError(f"it is XML that cannot be read: {error}") from None
    yield from document.ready


def elements(source: Source) -> Iterator[Element]:
    """The elements alone. Raises InputError where the document is not well-formed."""
    return (item for item in items(source) if isinstance(item, Element))
