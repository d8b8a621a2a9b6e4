"""scipy: sparse matrices, trees, splines, distributions; its special functions kept as values.

Read: scipy 1.5.4 and 1.17.1. `rv_generic.__setstate__` runs the text in `_parse_arg_template`: it must be the
one that scipy writes, whatever the names of the parameters are.
"""

from __future__ import annotations

from modelward.core.regex import regex
from modelward.formats.pickle.contracts import (
    Harm,
    any_of,
    constants,
    container,
    integer,
    made,
    made_by,
    nothing,
    plain_state,
    takes,
    tuple_items,
)
from modelward.formats.pickle.profiles.entry import VALUE, Entry, profile
from modelward.formats.pickle.profiles.numpy import SPECIAL
from modelward.formats.pickle.values import Container, Value
from modelward.formats.wordlist import words

READ = "scipy 1.5.4, 1.17.1"

_DISTRIBUTIONS = {
    "_continuous_distns": "alpha_gen anglit_gen arcsine_gen argus_gen beta_gen betaprime_gen bradford_gen "
    "burr12_gen burr_gen cauchy_gen chi2_gen chi_gen cosine_gen crystalball_gen dgamma_gen "
    "dpareto_lognorm_gen dweibull_gen erlang_gen expon_gen exponnorm_gen exponpow_gen exponweib_gen f_gen "
    "fatiguelife_gen fisk_gen foldcauchy_gen foldnorm_gen frechet_l_gen frechet_r_gen gamma_gen "
    "gausshyper_gen genexpon_gen genextreme_gen gengamma_gen genhalflogistic_gen genhyperbolic_gen "
    "geninvgauss_gen genlogistic_gen gennorm_gen genpareto_gen gibrat_gen gilbrat_gen gompertz_gen "
    "gumbel_l_gen gumbel_r_gen halfcauchy_gen halfgennorm_gen halflogistic_gen halfnorm_gen hypsecant_gen "
    "invgamma_gen invgauss_gen invweibull_gen irwinhall_gen jf_skew_t_gen johnsonsb_gen johnsonsu_gen "
    "kappa3_gen kappa4_gen ksone_gen kstwo_gen kstwobign_gen landau_gen laplace_asymmetric_gen laplace_gen "
    "levy_gen levy_l_gen levy_stable_gen loggamma_gen logistic_gen loglaplace_gen lognorm_gen lomax_gen "
    "maxwell_gen mielke_gen moyal_gen nakagami_gen ncf_gen nct_gen ncx2_gen norm_gen norminvgauss_gen "
    "pareto_gen pearson3_gen powerlaw_gen powerlognorm_gen powernorm_gen rayleigh_gen rdist_gen "
    "recipinvgauss_gen reciprocal_gen rel_breitwigner_gen rice_gen rv_histogram semicircular_gen "
    "skew_norm_gen skewcauchy_gen skewnorm_gen studentized_range_gen t_gen trapezoid_gen trapz_gen "
    "triang_gen truncexpon_gen truncnorm_gen truncpareto_gen truncweibull_min_gen tukeylambda_gen "
    "uniform_gen vonmises_gen wald_gen weibull_max_gen weibull_min_gen wrapcauchy_gen",
    "_discrete_distns": "_nchypergeom_gen bernoulli_gen betabinom_gen betanbinom_gen binom_gen "
    "boltzmann_gen dlaplace_gen geom_gen hypergeom_gen logser_gen nbinom_gen nchypergeom_fisher_gen "
    "nchypergeom_wallenius_gen nhypergeom_gen planck_gen poisson_binom_gen poisson_gen randint_gen "
    "skellam_gen yulesimon_gen zipf_gen zipfian_gen",
    "_distn_infrastructure": "rv_continuous rv_discrete rv_sample",
}

_PARAMETERS = r"(?:[a-zA-Z_]\w*, ?)*"
_PLACE = r" *(?:loc=0(?:, scale=1)?)?"
_GIVEN = r" *(?:loc(?:, (?:scale|1))?)?"
_TEMPLATE = regex(
    rf"\s*def _parse_args\(self, {_PARAMETERS}{_PLACE}\):\s*return \({_PARAMETERS}\),{_GIVEN}\s*"
    rf"def _parse_args_rvs\(self, {_PARAMETERS}{_PLACE}, size=None\):\s*"
    rf"return self\._argcheck_rvs\({_PARAMETERS}{_GIVEN}, size=size\)\s*"
    rf"def _parse_args_stats\(self, {_PARAMETERS}{_PLACE}, moments='mv'\):\s*"
    rf"return \({_PARAMETERS}\),{_GIVEN}, moments\s*"
)


#: The random state. `__dict__.update` of a pair takes two iterables for items: here there is to be none.
_STREAM = any_of(nothing, made_by("numpy.random.__RandomState_ctor", "numpy.random.mtrand.__RandomState_ctor",
                                  "numpy.random._pickle.__randomstate_ctor",
                                  "numpy.random._pickle.__generator_ctor"))  # fmt: skip


def distribution_state(state: Value, made_distribution: Value = None) -> str | None:
    """The contract of `rv_generic.__setstate__`: a dict of attributes, or (parameters, random state)."""
    pair = tuple_items(state)
    if pair is not None and len(pair) == 2:
        problem = plain_state(pair[0])
        return problem or (None if _STREAM(pair[1]) else "its state is not that of a distribution")
    problem = plain_state(state, made_distribution)
    if problem or not isinstance(state, Container):
        return problem
    for key, item in zip(state.items[::2], state.items[1::2], strict=True):
        if key == "_parse_arg_template" and not (isinstance(item, str) and _TEMPLATE.fullmatch(item)):
            return Harm("runs Python code that its state holds")
    return None


def _tree_state(state: Value, _made: Value) -> str | None:
    return None if any_of(nothing, container("tuple", "dict"))(state) else "its state is not that of a tree"


#: Methods that distributions wrap by `numpy.vectorize`.
_VECTORIZED = words(
    "_cdf_single _entropy _mom0_sc _mom1_sc _mom_integ0 _mom_integ1 _ppf_single _ppfvec generic_moment"
)


def _never(_arguments: Value) -> str | None:
    return "it is a method, kept as a value"


def _entries() -> dict[str, dict[str, Entry]]:
    tree = Entry(call=takes(any_of(made, constants), integer, optional=2), new=takes(), state=_tree_state)
    rotation = Entry(call=takes(made), new=takes(), state=_tree_state)
    found: dict[str, dict[str, Entry]] = {
        "scipy.special": dict.fromkeys(SPECIAL, VALUE),
        "scipy.special._ufuncs": dict.fromkeys(SPECIAL, VALUE),
        "scipy.special._special_ufuncs": dict.fromkeys(SPECIAL, VALUE),
        "scipy.special._basic": dict.fromkeys(SPECIAL, VALUE),
        "scipy.special._logsumexp": dict.fromkeys(("logsumexp", "softmax", "log_softmax"), VALUE),
        "scipy.spatial.ckdtree": {"cKDTree": tree},
        "scipy.spatial._ckdtree": {"cKDTree": tree},
        "scipy.spatial.transform._rotation": {"Rotation": rotation},
        "scipy.spatial.transform.rotation": {"Rotation": rotation},
    }
    methods = dict.fromkeys(_VECTORIZED, _never)
    generic = Entry(new=takes(), state=distribution_state, methods=methods)
    for module, names in _DISTRIBUTIONS.items():
        found[f"scipy.stats.{module}"] = dict.fromkeys(names.split(), generic)
    return found


PROFILE = profile(__file__, READ, _entries(), table=True)
