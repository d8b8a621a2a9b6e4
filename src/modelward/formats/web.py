"""Network addresses as they stand in code and configurations: whose they are."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from modelward.core.regex import regex
from modelward.formats.wordlist import words

#: Addresses in a text. Schemes that fetch over a network only.
URL = regex(r"(?:https?|ftp|wss?|tcp)://[^\s'\"<>|;&)`\\]+", re.IGNORECASE)

#: Where packages, models and installers come from in the ordinary way (with everything below).
_KNOWN = words(
    "pypi."
    "org python"
    "hosted.org python.org pytorch.org huggingface.co hf.co nvidia.com anaconda.org "
    "anaconda.com conda-forge.org conda.io github.com githubusercontent.com gitlab.com bitbucket.org "
    "rustup.rs astral.sh docker.com python-poetry.org nodesource.com npmjs.com microsoft.com azure.com "
    "googleapis.com google.com gstatic.com tensorflow.org keras.io intel.com amd.com apache.org "
    "debian.org ubuntu.com launchpad.net ollama.com ollama.ai brew.sh bun.sh deno.land deno.com "
    "golang.org go.dev llvm.org kernel.org gnu.org sourceforge.net readthedocs.io jsdelivr.net "
    "unpkg.com cloudflare.com amazonaws.com azureedge.net modelscope.cn aliyun.com tsinghua.edu.cn "
    "ustc.edu.cn paddlepaddle.org.cn bcebos.com openai.com fbaipublicfiles.com openmmlab.com "
    "ultralytics.com wandb.ai mlflow.org databricks.com zenodo.org nltk.org spacy.io explosion.ai "
    "stanford.edu allenai.org eleuther.ai mozilla.org mirrorservice.org alpinelinux.org "
    "fedoraproject.org rocm.com radeon.com r-project.org julialang.org ghcr.io quay.io nvcr.io "
    "docker.io k8s.io kubernetes.io localhost github.io"
)

#: Where stolen data are sent and second stages are kept: anyone may open a box there without a name.
_DROPS = words(
    "webhook.site requestbin.com requestbin.net requestcatcher.com pipedream.net ngrok.io ngrok.app "
    "ngrok-free.app ngrok-free.dev burpcollaborator.net oastify.com oast.pro oast.live oast.site "
    "oast.online oast.fun oast.me interact.sh interactsh.com dnslog.cn ceye.io canarytokens.com "
    "beeceptor.com hookbin.com ptsv2.com postb.in pastebin.com paste.ee hastebin.com rentry.co "
    "transfer.sh file.io anonfiles.com gofile.io serveo.net localtunnel.me loca.lt trycloudflare.com "
    "localhost.run bashupload.com termbin.com ix.io 0x0.st temp.sh discord.com/api/webhooks "
    "discordapp.com/api/webhooks api.telegram.org/bot"
)

#: Names of hosts that exist nowhere and are only written by way of example, or are the machine itself.
_LOCAL = regex(r"(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|::1|.*\.local(?:host|domain)?|\{.*|\$.*|<.*)")


def host_of(url: str) -> str:
    """The host that an address names, in lower case, or an empty text."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_local(host: str) -> bool:
    """Whether a host is this machine, or only stands for one to be filled in."""
    return not host or _LOCAL.fullmatch(host) is not None


def is_known(url: str) -> bool:
    """Whether an address is of a host that packages, models and installers ordinarily come from."""
    host = host_of(url)
    labels = host.split(".")
    return is_local(host) or any(".".join(labels[at:]) in _KNOWN for at in range(len(labels)))


def is_address(url: str) -> bool:
    """Whether the host is a number and not a name, and not of a private network."""
    host = host_of(url)
    try:
        return not ipaddress.ip_address(host).is_loopback and host != "0.0.0.0"  # noqa: S104
    except ValueError:
        return host.isdigit() or host.startswith("0x")


def is_drop(url: str) -> bool:
    """Whether an address is where stolen data are sent to, or code is hidden."""
    host = host_of(url)
    labels = host.split(".")
    if any(".".join(labels[at:]) in _DROPS for at in range(len(labels))):
        return True
    where = url.split("://", 1)[-1].lower()
    return host.endswith(".onion") or any("/" in drop and where.startswith(drop) for drop in _DROPS)


def first(text: str) -> str:
    """The first address in a text, or an empty text."""
    found = URL.search(text)
    return found.group() if found else ""
