"""Python's standard library by name, of all versions from 2.7 to 3.14 and all platforms.

A model file holds data of a few of its classes and calls nothing else of it. The names are written down,
so that an answer does not depend on the Python that runs modelward.
"""

from __future__ import annotations

from modelward.formats.wordlist import words

#: Top-level modules; private ones and those of one platform too.
MODULES = words(
    """
    BaseHTTPServer Bastion CGIHTTPServer ConfigParser Cookie DocXMLRPCServer EasyDialogs FileDialog
    FixTk HTMLParser MacOS MimeWriter MiniAEFrame PixMapWrapper Queue SimpleDialog SimpleHTTPServer
    SimpleXMLRPCServer SocketServer StringIO SUNAUDIODEV Tkconstants Tkdnd Tkinter UserDict UserList
    UserString __builtin__ __builtins__ __future__ __hello__ __phello__ _abc _abcoll _aix_support
    _android_support _apple_support _ast _ast_unparse _asyncio _bisect _blake2 _bootlocale
    _bootsubprocess _bsddb _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr
    _codecs_tw _collections _collections_abc _colorize _compat_pickle _compression _contextvars _crypt
    _csv _ctypes _ctypes_test _curses _curses_panel _datetime _dbm _decimal _dummy_thread
    _dummy_threading _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _gestalt
    _hashlib _heapq _hmac _hotshot _imp _interpchannels _interpqueues _interpreters _io _ios_support
    _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing _opcode
    _opcode_metadata _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess _py_abc
    _py_warnings _pydatetime _pydecimal _pyio _pylong _pyrepl _queue _random _remote_debugging _scproxy
    _sha _sha1 _sha2 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat
    _statistics _string _strptime _struct _subprocess _suggestions _symtable _sysconfig _testbuffer
    _testcapi _testclinic _testconsole _testimportmultiple _testinternalcapi _testlimitedcapi
    _testmultiphase _testsinglephase _thread _threading_local _tkinter _tokenize _tracemalloc _types
    _typing _uuid _warnings _weakref _weakrefset _winapi _winreg _wmi _xxinterpchannels
    _xxsubinterpreters _xxtestfuzz _zoneinfo _zstd abc aifc annotationlib anydbm antigravity argparse
    array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect bsddb builtins
    bz2 cPickle cProfile cStringIO calendar cgi cgitb cmath cmd code codecs codeop collections colorsys
    commands compileall compression concurrent configparser contextlib contextvars cookielib copy
    copy_reg copyreg crypt csv ctypes curses dataclasses datetime dbhash dbm decimal difflib dircache
    dis distutils doctest dumbdbm dummy_thread dummy_threading email encodings ensurepip enum errno
    exceptions faulthandler fcntl filecmp fileinput fnmatch fpectl fpformat fractions ftplib functools
    future_builtins gc gdbm genericpath gensuitemodule getopt getpass gettext glob graphlib grp gzip
    hashlib heapq hmac hotshot html htmlentitydefs htmllib http httplib idlelib ihooks imageop imaplib
    imgfile imghdr imp importlib imputil inspect io ipaddress itertools json keyword lib2to3 linecache
    linuxaudiodev locale logging lzma macerrors macostools macpath macresource mailbox mailcap
    markupbase marshal math md5 mhlib mimetools mimetypes mimify mmap modulefinder msilib msvcrt
    multifile multiprocessing netrc new nis nntplib nt ntpath nturl2path numbers opcode operator
    optparse os os2emxpath ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib
    popen2 poplib posix posixfile posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc
    pydoc_data pyexpat queue quopri random re readline reprlib resource rexec rfc822 rlcompleter
    robotparser runpy sched secrets select selectors sgmllib shelve shlex shutil signal site smtpd
    smtplib sndhdr socket socketserver spwd sqlite3 sre sre_compile sre_constants sre_parse ssl stat
    statistics statvfs string stringold stringprep strop struct subprocess sunau sunaudio sunaudiodev
    symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap thread
    threading time timeit tkinter toaiff token tokenize tomllib trace traceback tracemalloc tty turtle
    turtledemo types typing unicodedata unittest urllib urllib2 urlparse uu uuid venv videoreader
    warnings wave weakref webbrowser whichdb winreg winsound wsgiref xdrlib xml xmllib xmlrpc xmlrpclib
    xxlimited xxlimited_35 xxsubtype zipapp zipfile zipimport zlib zoneinfo
    """
)

_PACKAGES = words(
    """
    _pyrepl asyncio bsddb collections compression concurrent ctypes curses dbm distutils email encodings
    ensurepip hotshot html http idlelib importlib json lib2to3 logging msilib multiprocessing os pathlib
    pydoc_data re sqlite3 string sysconfig test tkinter tomllib turtledemo unittest urllib venv wsgiref
    xml xmlrpc zipfile zoneinfo
    """
)
#: Modules that people's own are called too: a class of another name is taken for theirs.
OWN = words("code profile test token trace types queue select resource")

#: Classes of data that files hold now and then, and that nobody has checked: module -> names.
_DATA: dict[str, str] = {
    "abc": "ABC ABCMeta",
    "argparse": "Action ArgumentParser _ActionsContainer _ArgumentGroup _HelpAction _StoreAction "
    "_StoreTrueAction _StoreFalseAction _StoreConstAction _AppendAction _CountAction _VersionAction "
    "ArgumentDefaultsHelpFormatter HelpFormatter RawDescriptionHelpFormatter RawTextHelpFormatter",
    "builtins": "Ellipsis classmethod enumerate filter iter map memoryview property reversed staticmethod "
    "super type zip",
    "calendar": "Calendar HTMLCalendar TextCalendar",
    "codecs": "CodecInfo IncrementalDecoder IncrementalEncoder",
    "collections": "ChainMap UserDict UserList UserString namedtuple",
    "configparser": "BasicInterpolation ConfigParser ConverterMapping ExtendedInterpolation "
    "RawConfigParser SafeConfigParser SectionProxy",
    "contextlib": "ExitStack nullcontext suppress",
    "contextvars": "Context ContextVar",
    "copy": "_EmptyClass",
    "csv": "Dialect excel excel_tab unix_dialect",
    "dataclasses": "Field InitVar _DataclassParams _HAS_DEFAULT_FACTORY_CLASS _KW_ONLY_TYPE _MISSING_TYPE",
    "datetime": "tzinfo",
    "decimal": "Context DecimalTuple",
    "difflib": "Match SequenceMatcher",
    "email.header": "Header",
    "email.message": "EmailMessage Message",
    "enum": "Enum EnumMeta EnumType Flag FlagBoundary IntEnum IntFlag StrEnum auto",
    "functools": "_CacheInfo cached_property partialmethod singledispatchmethod",
    "graphlib": "TopologicalSorter",
    "html.parser": "HTMLParser",
    "http.cookiejar": "Cookie CookieJar DefaultCookiePolicy",
    "http.cookies": "BaseCookie Morsel SimpleCookie",
    "inspect": "BoundArguments FullArgSpec Parameter Signature _ParameterKind _empty",
    "io": "BytesIO StringIO",
    "itertools": "accumulate chain combinations combinations_with_replacement compress count cycle "
    "dropwhile filterfalse groupby islice permutations product repeat starmap takewhile zip_longest _tee",
    "json.decoder": "JSONDecoder",
    "json.encoder": "JSONEncoder",
    "logging": "Filter Formatter LogRecord Logger LoggerAdapter Manager NullHandler PlaceHolder RootLogger "
    "StreamHandler PercentStyle",
    "numbers": "Complex Integral Number Rational Real",
    "operator": "methodcaller",
    "optparse": "IndentedHelpFormatter Option OptionContainer OptionGroup OptionParser Values",
    "queue": "LifoQueue PriorityQueue Queue SimpleQueue",
    "re": "Match Pattern Scanner",
    "reprlib": "Repr",
    "statistics": "LinearRegression",
    "string": "Formatter Template",
    "textwrap": "TextWrapper",
    "threading": "Condition Event Lock RLock _RLock local",
    "tokenize": "TokenInfo",
    "traceback": "FrameSummary StackSummary TracebackException",
    "types": "ClassType DynamicClassAttribute EllipsisType GenericAlias InstanceType MethodType NoneType "
    "NotImplementedType UnionType MappingProxyType",
    "urllib.parse": "DefragResult ParseResult SplitResult ParseResultBytes SplitResultBytes",
    "warnings": "WarningMessage catch_warnings",
    "weakref": "KeyedRef ReferenceType WeakKeyDictionary WeakMethod WeakSet WeakValueDictionary ref",
    "_weakrefset": "WeakSet",
    "xml.dom.minidom": "Attr Comment Document DocumentType Element Text",
    "xml.etree.ElementTree": "Element ElementTree QName TreeBuilder",
}
#: Modules whose every class is data.
_ALL_DATA = words("_ast ast typing exceptions")
#: Other modules that these classes say they are of.
_SAME = {
    name: module
    for module, names in {
        "builtins": "__builtin__",
        "collections": "_collections UserDict UserList UserString",
        "collections.abc": "_collections_abc",
        "datetime": "_datetime _pydatetime",
        "decimal": "_decimal _pydecimal",
        "functools": "_functools",
        "io": "_io StringIO cStringIO",
        "operator": "_operator",
        "queue": "Queue _queue",
        "re": "_sre",
        "threading": "_thread thread",
        "urllib.parse": "urlparse",
        "weakref": "_weakref",
        "xml.etree.ElementTree": "_elementtree",
    }.items()
    for name in names.split()
}
_NAMES = {module: words(names) for module, names in _DATA.items()}


def is_standard(module: str) -> bool:
    """Whether a module is of the standard library; `code.models` is not: `code` has no modules below it."""
    top, dot, _ = module.partition(".")
    return top in (_PACKAGES if dot else MODULES)


def is_data(module: str, name: str) -> bool:
    """Whether it is a class of data that files hold now and then."""
    module = _SAME.get(module, module)
    if module in _ALL_DATA or module == "collections.abc":
        return name[:1].isupper() and "." not in name
    return name in _NAMES.get(module, ())
