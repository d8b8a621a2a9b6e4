"""The `modelward` command: verbs are found in a table and imported only when used."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from typing import Any

import click

from modelward import __version__
from modelward.cli import output
from modelward.cli.lazy import LazyGroup
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_INTERRUPTED, InputError, ModelwardError

#: Verb -> (module under modelward.cli, function, one line of help).
VERBS: dict[str, tuple[str, str, str]] = {
    "init": ("init", "init", "Make a registry, and an identity for you."),
    "scan": ("scan", "scan", "Examine models before anything loads them."),
    "convert": ("convert", "convert", "Write a checkpoint's tensors as safetensors; run nothing."),
    "rule": ("rule", "rule", "Explain what the scanner looks for."),
    "data": ("data", "data", "Record datasets row by row; check what was done to them."),
    "run": ("run", "run", "Run a step on verified inputs and sign where its outputs came from."),
    "derivation": ("derivation", "derivation", "Is a model a fine-tune of the base it names?"),
    "eval": ("eval", "evaluate", "Sign what a harness measured on a model."),
    "bom": ("bom", "bom", "Show the Model BOM; check that it is complete."),
    "digest": ("digest", "digest", "Print the digest of a file or a tree."),
    "sign": ("sign", "sign", "Sign a model (OpenSSF Model Signing), or a statement about one."),
    "key": ("key", "key", "Make keys; read and change who may sign what."),
    "push": ("push", "push", "Register a directory as a model's next version."),
    "registry": ("registry", "registry", "Look at a registry, import models, change its policy."),
    "approve": ("approve", "approve", "Approve a version for a stage."),
    "waive": ("approve", "waive", "Give leave from one rule for a while; two people sign."),
    "promote": ("promote", "promote", "Ask the gate, and point a stage to a release."),
    "revoke": ("revoke", "revoke", "Let an artifact, statement, release or key count no longer."),
    "verify": ("verify", "verify", "Verify that a directory is what was released, offline."),
    "log": ("log", "log", "Show the log, prove that it holds an entry, audit all of it."),
}


class Verbs(LazyGroup):
    """The verbs: `--help` imports none of them."""

    TABLE = VERBS
    HEADING = "Verbs"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="modelward %(version)s")
def modelward() -> None:
    """Supply-chain security for AI models, from training data to deployment.

    Exit codes: 0 yes, 1 no, 2 could not tell. The answer is on stdout, the rest on stderr.
    """


def main(argv: list[str] | None = None) -> Any:
    """Run the command line and exit with its code."""
    gc.set_threshold(50_000)  # nearly all that a run makes is soon gone without it, or needed to the end
    atexit.register(gc.freeze)  # what is left then goes with the process
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the shell (`>&-`)
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  until the end
    try:
        code = modelward.main(args=argv, prog_name="modelward", standalone_mode=False)
        sys.stdout.flush()
    except ModelwardError as error:
        output.error(error)
        code = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = EXIT_CANNOT_TELL
    except click.ClickException as error:
        error.show()
        code = EXIT_CANNOT_TELL
    except (click.Abort, KeyboardInterrupt):
        output.note("interrupted")
        code = EXIT_INTERRUPTED
    except (output.ReaderGone, BrokenPipeError, SystemExit):
        # The reader went away (click then exits by itself): what was not read is no answer.
        # Keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT_CANNOT_TELL
    except OSError as error:
        place = None if error.filename is None else str(error.filename)
        reason = error.strerror or str(error)
        output.error(InputError(reason[:1].lower() + reason[1:], where=place))
        code = EXIT_CANNOT_TELL
    except Exception:  # noqa: BLE001  a defect of ours is no answer, so it must not look like one
        traceback.print_exc()
        output.note("error: this is a defect in modelward; nothing can be concluded from this run")
        code = EXIT_CANNOT_TELL
    sys.exit(code if isinstance(code, int) else 0)
