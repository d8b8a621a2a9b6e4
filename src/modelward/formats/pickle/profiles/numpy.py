"""numpy: arrays, scalars, dtypes, random generators; its types and mathematical functions kept as values.

Read: numpy 1.26.4 and 2.4.6 (core/src/multiarray/{methods,descriptor,scalartypes,multiarraymodule}.c,
random/_pickle.py, random/bit_generator.pyx, ma/core.py). `_ufunc_reconstruct` imports by name: only known
names pass.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    Harm,
    any_of,
    boolean,
    constants,
    container,
    data,
    integer,
    made,
    made_by,
    named,
    naturals,
    nothing,
    one_of,
    takes,
    text,
    tuple_items,
)
from modelward.formats.pickle.gadgets import NAMES
from modelward.formats.pickle.numpy_contracts import (
    array_state,
    dtype_of,
    dtype_state,
    masked_state,
    shape_of_nothing,
    simple_dtype,
    subclass_state,
)
from modelward.formats.pickle.profiles.entry import PLAIN, VALUE, Entry, profile
from modelward.formats.pickle.values import Value
from modelward.formats.wordlist import words

READ = "numpy 1.26.4, 2.4.6"
CORES = ("numpy.core", "numpy._core")

TYPES = words(
    """
    bool bool8 bool_ byte bytes0 bytes_ cdouble cfloat character clongdouble clongfloat complex
    complex128 complex256 complex64 complex_ complexfloating csingle datetime64 double flexible float
    float128 float16 float32 float64 float_ floating generic half inexact int int0 int16 int32 int64
    int8 int_ intc integer intp long longcomplex longdouble longfloat longlong ndarray number object
    object0 object_ record short signedinteger single singlecomplex str0 str_ string_ timedelta64 ubyte
    uint uint0 uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong unicode_ unsignedinteger ushort
    void void0
    """
)
UFUNCS = words(
    """
    abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan
    atan2 atanh bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or
    bitwise_right_shift bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide
    divmod equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp gcd greater
    greater_equal heaviside hypot invert isfinite isinf isnan isnat lcm ldexp left_shift less less_equal
    log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul
    maximum minimum mod modf multiply negative nextafter not_equal positive pow power rad2deg radians
    reciprocal remainder right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh
    true_divide trunc vecdot
    """
)
#: Functions that compute, kept as values.
_FUNCTIONS = words(
    """
    all allclose any append argmax argmin argsort around array asarray average clip concatenate corrcoef
    count_nonzero cov cumprod cumsum diff dot hstack inner isclose linspace logspace max mean median min
    nan_to_num nanargmax nanargmin nanmax nanmean nanmedian nanmin nanpercentile nanquantile nanstd
    nansum nanvar ones outer percentile prod ptp quantile ravel reshape round round_ sort squeeze stack
    std sum tile transpose trapz unique var vstack where zeros zeros_like ones_like amax amin
    """
)
SPECIAL = words(
    """
    boxcox boxcox1p cbrt digamma entr erf erfc erfcinv erfinv exp10 exp2 expit expm1 exprel gamma
    gammainc gammaincc gammaln huber inv_boxcox inv_boxcox1p log1p log_expit log_ndtr logit logsumexp
    loggamma ndtr ndtri poch psi rel_entr round softmax xlog1py xlogy zetac
    """
)

_ARRAYS = {
    "numpy": "chararray matrix memmap ndarray recarray",
    "numpy.matrixlib.defmatrix": "matrix",
    "numpy.core.memmap": "memmap",
    "numpy.core.records": "recarray",
    "numpy.rec": "recarray",
    "numpy.core.defchararray": "chararray",
    "numpy.char": "chararray",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray",
    "numpy.ma.mrecords": "MaskedRecords",
    "pandas.core.indexes.frozen": "FrozenNDArray",
}
#: Classes of arrays; making one of no elements runs only numpy's own `__array_finalize__`.
ARRAYS = tuple(f"{module}.{name}" for module, names in _ARRAYS.items() for name in names.split())
_B = any_of(data, one_of("b"))

_GENERATORS = {
    "_mt19937": "MT19937",
    "_pcg64": "PCG64 PCG64DXSM",
    "_philox": "Philox",
    "_sfc64": "SFC64",
    "mt19937": "MT19937",
    "pcg64": "PCG64",
}


def _random() -> dict[str, dict[str, Entry]]:
    modules = {
        f"numpy.random.{module}": dict.fromkeys(names.split(), Entry(state=_generator_state))
        for module, names in _GENERATORS.items()
    }
    names = tuple({name for text in _GENERATORS.values() for name in text.split()})
    classes = tuple(
        f"numpy.random.{module}.{name}" for module, text in _GENERATORS.items() for name in text.split()
    )
    kind = any_of(one_of(*names), named(*classes))
    constructor = named("numpy.random._pickle.__bit_generator_ctor")
    bits = any_of(kind, made_by("numpy.random._pickle.__bit_generator_ctor"))
    made_of_bits = Entry(call=takes(bits, constructor, optional=2), state=_generator_state, value=False)
    seed = Entry(
        call=takes(
            named("numpy.random.bit_generator.SeedSequence"), integer, any_of(nothing, container("tuple"))
        ),
        state=lambda state, _: None if container("tuple")(state) else "its state is not that of a seed",
        value=False,
    )
    return modules | {
        "numpy.random._pickle": {
            "__bit_generator_ctor": Entry(call=takes(kind, optional=1), state=_generator_state),
            "__generator_ctor": made_of_bits,
            "__randomstate_ctor": made_of_bits,
        },
        "numpy.random": {"__RandomState_ctor": Entry(call=takes(), state=_generator_state, value=False)},
        "numpy.random.mtrand": {
            "__RandomState_ctor": Entry(call=takes(), state=_generator_state, value=False),
            "RandomState": Entry(call=takes(), new=takes(), state=_generator_state),
        },
        "numpy.random._generator": {"Generator": VALUE},
        "numpy.random.bit_generator": {"__pyx_unpickle_SeedSequence": seed, "SeedSequence": VALUE},
    }


def _generator_state(state: Value, _made: Value) -> str | None:
    known = any_of(nothing, container("dict", "tuple"))
    return None if known(state) else "its state is not that of a generator"


def _ufunc(arguments: Value) -> str | None:
    items = tuple_items(arguments)
    if items is None or len(items) != 2:
        return "its arguments cannot be told"
    module, name = items
    modules = ("numpy", *(f"{core}.{part}" for core in CORES for part in ("umath", "_multiarray_umath")))
    if module in modules and name in UFUNCS:
        return None
    special = ("scipy.special", "scipy.special._ufuncs")
    if module in special and name in SPECIAL:
        return None
    known = isinstance(module, str) and isinstance(name, str) and module.split(".")[0] in ("numpy", "scipy")
    if not known or ".".join(map(str, items)) in NAMES:
        return Harm("imports or reaches anything by name")
    return "the function that it imports is not known"


def _core() -> dict[str, dict[str, Entry]]:
    reconstruct = Entry(call=takes(named(*ARRAYS), shape_of_nothing, _B), value=False)
    masked = Entry(
        call=takes(named(*ARRAYS), named(*ARRAYS), shape_of_nothing, _B), state=masked_state, value=False
    )
    shape = any_of(naturals, integer)
    frombuffer = Entry(call=takes(data, simple_dtype, shape, one_of("C", "F", "A")), value=False)
    scalar = Entry(call=takes(simple_dtype, any_of(data, text, made)), value=False)
    string_kind = Entry(call=takes(integer, constants, optional=1), value=False)
    found = {
        "numpy.ma.core": {"_mareconstruct": masked, "MaskedConstant": Entry(call=takes())},
        "numpy.ma.mrecords": {"_mrreconstruct": masked},
    }
    for core in CORES:
        found[f"{core}.multiarray"] = {
            "_reconstruct": reconstruct,
            "scalar": scalar,
            "_frombuffer": frombuffer,
        }
        found[f"{core}._multiarray_umath"] = {
            **dict.fromkeys(UFUNCS, VALUE),
            "_reconstruct": reconstruct,
            "scalar": scalar,
        }
        found[f"{core}.umath"] = dict.fromkeys(UFUNCS, VALUE)
        found[f"{core}.numeric"] = {"_frombuffer": frombuffer}
        found[f"{core}._internal"] = {
            "_convert_to_stringdtype_kwargs": string_kind,
            "_reconstruct": reconstruct,
        }
        found[f"{core}.records"] = {"record": VALUE}
        found[core] = {"_ufunc_reconstruct": Entry(call=_ufunc, value=False)}
        found[f"{core}.fromnumeric"] = found[f"{core}.function_base"] = dict.fromkeys(_FUNCTIONS, VALUE)
    return found


def _entries() -> dict[str, dict[str, Entry]]:
    found: dict[str, dict[str, Entry]] = {
        "numpy": {
            **dict.fromkeys(TYPES | UFUNCS | _FUNCTIONS, VALUE),
            "dtype": Entry(
                call=takes(dtype_of, boolean, boolean, container("dict"), optional=3), state=dtype_state
            ),
            "poly1d": PLAIN,
        }
    }
    for tables in (_core(), _random()):
        for module, names in tables.items():
            found.setdefault(module, {}).update(names)
    for module, classes in _ARRAYS.items():
        entries = dict.fromkeys(classes.split(), Entry(state=subclass_state))
        found.setdefault(module, {}).update(entries)
    found["numpy"]["ndarray"] = Entry(state=array_state)
    for module in ("", ".lib.function_base", ".lib._function_base_impl"):
        found.setdefault(f"numpy{module}", {})["vectorize"] = PLAIN
    for module in ("lib.polynomial", "lib._polynomial_impl"):
        found[f"numpy.{module}"] = {"poly1d": PLAIN}
    for name in ("Chebyshev", "Hermite", "HermiteE", "Laguerre", "Legendre", "Polynomial"):
        module = "hermite_e" if name == "HermiteE" else name.lower()
        found[f"numpy.polynomial.{module}"] = {name: PLAIN}
    for module in ("function_base", "nanfunctions", "_function_base_impl", "_nanfunctions_impl"):
        found.setdefault(f"numpy.lib.{module}", {}).update(dict.fromkeys(_FUNCTIONS, VALUE))
    found.setdefault("numpy.rec", {})["record"] = VALUE
    found["numpy.linalg"] = dict.fromkeys(("LinAlgError", "norm"), VALUE)
    return found


PROFILE = profile(__file__, READ, _entries())
