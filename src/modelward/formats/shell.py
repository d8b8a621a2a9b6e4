"""Shell commands, read as far as it takes to tell harm from housekeeping. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename

from msgspec import Struct, field

from modelward.core.regex import regex
from modelward.formats import web
from modelward.formats.wordlist import words

MAX_TEXT = 1 << 20
MAX_DEPTH = 4

_SHELLS = words("sh bash zsh dash ksh ash fish busybox")
_INTERPRETERS = _SHELLS | words("python python2 python3 perl ruby node php lua iex invoke-expression")
_FETCHERS = words("curl wget fetch aria2c lwp-download iwr irm invoke-webrequest invoke-restmethod")
_SENDERS = words("curl wget nc ncat netcat socat telnet ftp tftp scp rsync mail sendmail iwr irm")
_WRAPPERS = words(
    "sudo nohup exec env time command nice setsid timeout stdbuf xargs then do else if while ! run"
)

#: Files of a machine that hold secrets.
SECRETS = regex(
    r"/etc/(?:passwd|shadow|sudoers)\b|\.ssh/|\bid_(?:rsa|ed25519|dsa|ecdsa)\b|\.aws/credentials|\.kube/config|"
    r"\.docker/config\.json|\.git-credentials|\.netrc\b|\.pgpass\b|gcloud/(?:credentials|application_default)|"
    r"\.gnupg/|Login Data\b|\.bash_history|wallet\.dat|/var/run/secrets/|169\.254\.169\.254|"
    r"huggingface/token|\.npmrc\b|\.pypirc\b",
)
_REVERSE = regex(
    r"\b(?:ba|z|da|k)?sh\s+-i\b[^\n]{0,200}/dev/(?:tcp|udp)/|/dev/(?:tcp|udp)/[^\n]{0,200}\b(?:ba|z|da|k)?sh\b|"
    r"\bexec\s+\d+<>\s*/dev/(?:tcp|udp)/(?!127\.|localhost)|"
    r"\bn(?:c|cat|etcat)\b[^\n;|]{0,200}\s(?:-[a-z]*e[a-z]*|-c|--exec)\s|"
    r"\bsocat\b[^\n]{0,200}\bexec:|mkfifo[^\n]{0,200}\bn(?:c|cat)\b|"
    r"fsockopen\s*\(|use Socket\b|TCPSocket\.(?:open|new)|Net\.Sockets\.TCPClient",
    re.IGNORECASE,
)
_POWERSHELL = regex(
    r"downloadstring|downloadfile|frombase64string|-e(?:nc|ncodedcommand)?\s+[A-Za-z0-9+/=]{40,}|"
    r"\b(?:iex|invoke-expression)\b",
    re.IGNORECASE,
)
_WIPE = regex(
    r"/(?:\*|\.\.?/?\*?)?|~/?\*?|\$\{?HOME\}?/?\*?|/(?:etc|usr|home|boot|var|bin|lib|root)/?\*?|[A-Za-z]:\\\\?\*?"
)
_MINER = regex(r"stratum\+(?:tcp|ssl)://|\bxmrig\b|\bminerd\b|--donate-level", re.IGNORECASE)
_PERSIST = regex(
    r">>?\s*\S*(?:authorized_keys|/etc/(?:cron|passwd|sudoers|profile|ld\.so\.preload|rc\.local)|/etc/systemd)"
)
_SUBSTITUTION = regex(r"\$\(|`|<\(")
_RUNS_FETCHED = regex(
    r"(?:\beval\s+[\"']?|\b(?:ba|z|da)?sh\s+(?:-\w+\s+)*[\"']?|\bsource\s+|^\s*\.\s+)"
    r"(?:\$\(|`|<\()\s*(?:sudo\s+)?(?:curl|wget|fetch|echo\s+\S+\s*\|\s*base64)\b"
)
_SENDS_SECRETS = regex(
    r"\b(?:curl|wget|nc|nslookup|dig|ping)\b.{0,80}(?:\$\(|`)[^)`]{0,80}"
    r"(?:\b(?:env|printenv)\b|/etc/passwd|\.ssh|\.aws|id_rsa)"
)
_HIDDEN_RUN = regex(r"\b(?:base64\s+(?:-d|-D|--decode)|xxd\s+-r|openssl\s+enc\s+-d)\b")

#: What one runs to show that a command can be run.
_PROOF = regex(
    r"(?:/usr)?(?:/bin/)?(?:id|whoami|uname|hostname|ifconfig|ip|cat|touch|calc|calc\.exe|gnome-calculator|xcalc|"
    r"notepad|notepad\.exe|open|echo|sleep|ping|nslookup|dig|printenv|ls|pwd|mspaint|cmd|cmd\.exe|powershell)",
    re.IGNORECASE,
)

#: Programs that builds, installers and libraries ask about the machine and the source tree.
_HOUSEKEEPING = words(
    "git hg svn nvcc nvidia-smi rocm-smi rocminfo rocm_agent_enumerator hipcc hipconfig amd-smi xpu-smi "
    "npu-smi gcc g++ cc c++ clang clang++ cl cmake ninja make gmake ld ldd ldconfig lscpu lspci "
    "lsb_release sw_vers sysctl uname which where whereis pkg-config llvm-config xcrun xcode-select "
    "otool install_name_tool file nproc free df du stty tput locale getconf ffmpeg ffprobe sox protoc "
    "swig bazel cargo rustc go npm node java javac tsc dot doxygen sphinx-build docker dpkg rpm brew "
    "conda mamba micromamba apt apt-get yum cython cythonize black ruff pre-commit pytest clear cls "
    "reset mkdir cp ln chmod tar unzip zip gzip gunzip bunzip2 cd export true false test [ patch espeak "
    "espeak-ng tesseract soffice gs convert identify pdftotext ver vswhere vcvarsall.bat ps"
)


#: Programs that only list or print what is there.
_LOOKING = words(
    "ls grep head tail wc find pwd date readlink realpath dirname basename sort uniq awk sed tr cut"
)


class Shell(Struct, frozen=True):
    """What a piece of shell does: `harm` if that is harm beyond doubt; `line` counts from 1."""

    line: int
    expression: str
    harm: str


class _Command(Struct):
    words: list[str] = field(default_factory=list)

    @property
    def program(self) -> str:
        """The program's name without its folder, past `sudo` and settings of variables."""
        for word in self.words:
            name = basename(word.replace("\\", "/")).lower().lstrip("@-")
            if name and name not in _WRAPPERS and not re.match(r"\w+=", word) and not word.startswith("-"):
                return name.removesuffix(".exe")
        return ""


def split(text: str) -> list[list[_Command]]:
    """The pipelines of a text: commands joined by `|`, words without their quotes, comments left out."""
    pipelines: list[list[_Command]] = []
    pipeline: list[_Command] = []
    command, word = _Command(), _Word()
    for found in _SIGNS.finditer(text):
        sign = found.group()
        if sign[0] in " \t\r\n;&|":
            if word.started:
                command.words.append("".join(word.parts))
                word = _Word()
            if sign.isspace() and "\n" not in sign:
                continue
            if command.words:
                pipeline.append(command)
                command = _Command()
            if sign != "|" and pipeline:
                pipelines.append(pipeline)
                pipeline = []
        elif sign[0] == "#" and not word.started:
            continue  # a comment
        else:
            word.add(sign)
    if word.started:
        command.words.append("".join(word.parts))
    if command.words:
        pipeline.append(command)
    return [*pipelines, pipeline] if pipeline else pipelines


#: The parts of a command line. A quote that is not closed goes on to the end.
_SIGNS = regex(
    r"'[^']*+(?:'|\Z)|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+(?:\"|\\?\Z)|\\.|\\\Z|[ \t\r]+|\|\||\||[<>]+&\S*|&>|&&|&|"
    r"[\n;]+|(?<![^\s;|&])#[^\n]*|[^'\"\\ \t\r\n|&;#<>]+|[<>#]",
    re.DOTALL,
)


class _Word(Struct):
    parts: list[str] = field(default_factory=list)
    started: bool = False

    def add(self, sign: str) -> None:
        """Add a part without its quotes."""
        self.started = True
        if sign[0] == "'":
            self.parts.append(sign[1:].removesuffix("'"))
        elif sign[0] == '"':
            inner = sign[1:].removesuffix('"')
            self.parts.append(re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL) if "\\" in inner else inner)
        elif sign[0] == "\\":
            self.parts.append(sign[1:].replace("\n", ""))
        else:
            self.parts.append(sign)


def harm_of(command: str, *, depth: int = 0) -> str | None:
    """What a command line or script does that is harmful beyond doubt, or None."""
    if len(command) > MAX_TEXT or depth > MAX_DEPTH:
        return None
    bare = "\n".join(line for line in command.split("\n") if not line.lstrip().startswith("#"))
    if _REVERSE.search(bare):
        return "opens a shell to another machine"
    if _MINER.search(bare):
        return "mines a currency"
    if _PERSIST.search(bare):
        return "makes itself at home on the machine"
    if re.search(r":\(\)\s*\{\s*:\s*\|", bare):
        return "brings the machine down"
    for pipeline in split(bare):
        found = _pipeline(pipeline, depth)
        if found:
            return found
    return _substitution(bare)


def _pipeline(pipeline: list[_Command], depth: int) -> str | None:
    programs = [command.program for command in pipeline]
    line = " | ".join(" ".join(command.words) for command in pipeline)
    into = next((at for at, name in enumerate(programs) if at and _interpreter(name, pipeline[at])), 0)
    before = " | ".join(" ".join(command.words) for command in pipeline[:into])
    if into and set(programs[:into]) & _FETCHERS:
        return None if _trusted(before) else "downloads a program and runs it"
    if into and _HIDDEN_RUN.search(before):
        return "runs a program that is hidden in encoded text"
    if set(programs) & _SENDERS and (SECRETS.search(line) or _sends_environment(programs, line)):
        return "sends secrets of the machine away"
    for command, program in zip(pipeline, programs, strict=True):
        if found := _command(command, program, depth):
            return found
    return None


def _interpreter(name: str, command: _Command) -> bool:
    name = re.sub(r"[\d.]+$", "", name)
    plain = (
        all(
            word.startswith("-") or "/dev/stdin" in word
            for word in command.words[command.words.index(w) + 1 :]
        )
        if (w := next((word for word in command.words if basename(word.lower()).startswith(name)), ""))
        else True
    )
    return name in _INTERPRETERS and (plain or name in _SHELLS)


def _sends_environment(programs: list[str], line: str) -> bool:
    return bool({"env", "printenv"} & set(programs)) or re.match(r"env\s*\|", line) is not None


def _trusted(text: str) -> bool:
    urls = web.URL.findall(text)
    return bool(urls) and all(web.is_known(url) and url.lower().startswith("https:") for url in urls)


def _command(command: _Command, program: str, depth: int) -> str | None:
    parts = command.words
    line = " ".join(parts)
    wiped = any(_WIPE.fullmatch(word) for word in parts[1:] if not word.startswith("-"))
    if program == "rm" and wiped and re.search(r"\s-\w*[rR]", line):
        return "deletes the files of the machine"
    if program.startswith("mkfs") or (program == "dd" and re.search(r"\bof=/dev/(?:[shv]d|nvme|disk)", line)):
        return "deletes the files of the machine"
    if program in ("powershell", "pwsh") and _POWERSHELL.search(line):
        return "downloads or decodes a program and runs it"
    if program in _SHELLS | {"eval", "cmd", "su"} and depth < MAX_DEPTH:
        for flag, following in zip(parts, [*parts[1:], ""], strict=True):
            if re.fullmatch(r"-\w*c|/c", flag) or flag == "eval":
                return harm_of(following, depth=depth + 1)
    if re.fullmatch(r"python[\d.]*", program) and "-c" in parts[:-1]:
        from modelward.formats.python_source import harm_in  # each reads what the other holds

        return harm_in(parts[parts.index("-c") + 1], depth=depth + 1)
    return None


def _substitution(text: str) -> str | None:
    """`bash <(curl …)`, `eval "$(curl …)"`, `sh -c "$(wget …)"`, data sent in `$(…)`."""
    if not _SUBSTITUTION.search(text):
        return None
    for line in text.split("\n"):
        if _RUNS_FETCHED.search(line) and not _trusted(line):
            return "downloads a program and runs it"
        if _SENDS_SECRETS.search(line):
            return "sends secrets of the machine away"
    return None


def is_proof(command: str) -> bool:
    """Whether a command only shows that commands can be run: `id`, `touch /tmp/pwned`, `calc.exe`."""
    pipelines = split(command)
    return (
        bool(pipelines)
        and bool(pipelines[0])
        and bool(pipelines[0][0].words and _PROOF.fullmatch(pipelines[0][0].words[0]))
    )


def is_looking(command: str) -> bool:
    """Whether a command only lists or prints what is there."""
    programs = [part.program for pipeline in split(command) for part in pipeline]
    return bool(programs) and all(name in _LOOKING or name in _HOUSEKEEPING for name in programs)


def is_housekeeping(command: str) -> bool:
    """Whether each program of a command line is one that builds and libraries run to look around."""
    programs = [part.program for pipeline in split(command) for part in pipeline]
    return (
        bool(programs)
        and all(
            name in _HOUSEKEEPING or re.fullmatch(r"(?:gcc|g\+\+|clang|python)[-\d.]*|.*-config", name)
            for name in programs
        )
        and harm_of(command) is None
    )


def judge(script: str) -> Iterator[Shell]:
    """Every harmful line of a script, or the script as a whole."""
    if len(script) > MAX_TEXT:
        return
    lines = script.replace("\\\n", " \x00").split("\n")
    at, found = 1, False
    for line in lines:
        bare = line.replace("\x00", "")
        if harm := harm_of(bare):
            found = True
            yield Shell(at, bare.strip()[:200], harm)
        at += 1 + line.count("\x00")
    if not found and (harm := harm_of(script)):
        yield Shell(1, script.strip()[:200], harm)
