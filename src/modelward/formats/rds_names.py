"""R's functions by name: what those do that no model needs, and those that only compute."""

from __future__ import annotations

from collections.abc import Iterable

_HARM: dict[str, str] = {
    "runs a shell command": "system system2 shell shell.exec pipe",
    "runs native code": "dyn.load library.dynam useDynLib",
    "opens a network connection": "download.file url socketConnection socketAccept curl curl_download GET "
    "POST getURL browseURL url.show install.packages source_url install_github",
    "runs R code": "source sys.source eval evalq eval.parent parse str2lang str2expression Rscript "
    "py_run_string",
    "reads or writes files": "file.remove unlink file.rename file.copy writeLines readLines readRDS saveRDS "
    "readBin writeBin sink fifo gzfile bzfile file.create dir.create",
    "changes the state of the interpreter": "Sys.setenv Sys.getenv attach assignInNamespace "
    "assignInMyNamespace unlockBinding reg.finalizer makeActiveBinding addTaskCallback",
}
_SHOWS = {name: what for what, names in _HARM.items() for name in names.split()}
_ORDER = {what: rank for rank, what in enumerate(_HARM)}

#: Names that a function of an ordinary model object uses.
_HARMLESS_TEXT = (
    "( { [ [[ $ @ + - * / ^ ** %% %/% %*% %o% %in% == != < > <= >= ! & && | || ~ ? : <- <<- = if for while "
    "repeat break next function return x y z a b n i j k mu eta X Y df wt dev weights offset link family "
    "object formula data newdata value values type start end from to by length c list vector matrix array "
    "numeric integer character logical double complex factor levels names nrow ncol NROW NCOL dim rep "
    "rep_len seq seq_len seq_along rev sort order unique which which.max which.min sum mean var sd min max "
    "range pmin pmax prod cumsum cumprod abs sqrt exp log log2 log10 log1p expm1 sin cos tan asin acos atan "
    "sinh cosh tanh floor ceiling round signif trunc is.na is.null is.numeric is.character is.function "
    "is.list is.factor is.data.frame is.finite anyNA any all ifelse stop warning paste paste0 nchar substr "
    "toupper tolower sprintf format identity invisible as.numeric as.integer as.character as.logical "
    "as.vector as.matrix as.data.frame as.factor data.frame cbind rbind t crossprod tcrossprod solve diag "
    "outer apply sapply lapply vapply mapply tapply Map Filter Reduce unlist setdiff union intersect match "
    "cut findInterval quantile median scale sweep rowSums colSums rowMeans colMeans dnorm pnorm qnorm rnorm "
    "dbinom pbinom dpois ppois dgamma pgamma runif gamma lgamma beta lbeta digamma choose factorial drop "
    "missing nargs inherits class attr attributes structure UseMethod NextMethod switch xor isTRUE isFALSE "
    "TRUE FALSE NULL NA Inf NaN T F pi na.rm na.omit model.matrix model.frame terms predict ... . .. "
    "NA_real_ NA_integer_ NA_character_ stopifnot max.col table tabulate rowsum srcref srcfile wholeSrcref "
    "stringsAsFactors drop simplify FUN MARGIN each times length.out along.with print cat message srcfilecopy"
)
HARMLESS = frozenset(_HARMLESS_TEXT.split()) | {""}


def harm(names: Iterable[str]) -> str | None:
    """The gravest thing that code using these names does, or None if none of them shows anything."""
    shown = {_SHOWS[name] for name in names if name in _SHOWS}
    return min(shown, key=_ORDER.__getitem__) if shown else None
