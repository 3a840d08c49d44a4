"""Well-known names of the standard library, and the import statement that each needs."""

from __future__ import annotations

# Modules that code uses as `module.name`.
MODULES = frozenset(
    """
    abc argparse array ast asyncio base64 binascii bisect calendar cmath codecs collections colorsys
    concurrent contextlib copy csv dataclasses datetime decimal difflib email enum fnmatch fractions
    functools gc getpass glob graphlib gzip hashlib heapq hmac html http importlib inspect io
    ipaddress itertools json keyword locale logging math numbers operator os pathlib pickle platform
    pprint queue random re secrets shlex shutil signal socket sqlite3 statistics string struct
    subprocess sys tempfile textwrap threading time timeit token tokenize traceback types typing
    unicodedata unittest urllib uuid warnings weakref xml zipfile zlib zoneinfo
    """.split()
)

# (package, attribute) -> the module to import, for modules that `import package` doesn't load.
SUBMODULES = {
    ("concurrent", "futures"): "concurrent.futures",
    ("email", "utils"): "email.utils",
    ("email", "message"): "email.message",
    ("html", "entities"): "html.entities",
    ("html", "parser"): "html.parser",
    ("http", "client"): "http.client",
    ("importlib", "metadata"): "importlib.metadata",
    ("importlib", "resources"): "importlib.resources",
    ("importlib", "util"): "importlib.util",
    ("logging", "config"): "logging.config",
    ("logging", "handlers"): "logging.handlers",
    ("unittest", "mock"): "unittest.mock",
    ("urllib", "error"): "urllib.error",
    ("urllib", "parse"): "urllib.parse",
    ("urllib", "request"): "urllib.request",
    ("xml", "etree"): "xml.etree.ElementTree",
}

# module -> names that are imported from it.
_FROM = {
    "abc": "ABC ABCMeta abstractmethod",
    "ast": "literal_eval",
    "base64": (
        "b16encode b32decode b32encode b64decode b64encode urlsafe_b64decode urlsafe_b64encode"
    ),
    "bisect": "bisect bisect_left bisect_right insort insort_left insort_right",
    "calendar": "isleap monthrange month_name month_abbr day_name day_abbr",
    "collections": (
        "ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque namedtuple"
    ),
    "collections.abc": (
        "AsyncIterable AsyncIterator Awaitable Callable Collection Container Coroutine "
        "Generator Hashable ItemsView Iterable Iterator KeysView Mapping MutableMapping "
        "MutableSequence MutableSet Reversible Sequence Sized ValuesView"
    ),
    "concurrent.futures": "ProcessPoolExecutor ThreadPoolExecutor as_completed",
    "contextlib": "ExitStack closing contextmanager nullcontext redirect_stdout suppress",
    "copy": "copy deepcopy",
    "dataclasses": "asdict astuple dataclass field fields is_dataclass",
    "datetime": "UTC date datetime timedelta timezone tzinfo",
    "decimal": (
        "Decimal InvalidOperation ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN "
        "ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP getcontext localcontext"
    ),
    "difflib": "SequenceMatcher get_close_matches ndiff unified_diff",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto",
    "fnmatch": "fnmatch fnmatchcase",
    "fractions": "Fraction",
    "functools": (
        "cache cached_property cmp_to_key lru_cache partial partialmethod reduce singledispatch "
        "singledispatchmethod total_ordering wraps"
    ),
    "glob": "glob iglob",
    "hashlib": "blake2b md5 sha1 sha224 sha256 sha384 sha512",
    "heapq": "heapify heappop heappush heappushpop heapreplace nlargest nsmallest",
    "html": "escape unescape",
    "inspect": "signature getsource isclass isfunction",
    "io": "BytesIO StringIO",
    "ipaddress": "IPv4Address IPv4Network IPv6Address ip_address ip_network",
    "itertools": (
        "accumulate batched chain combinations combinations_with_replacement compress count "
        "cycle dropwhile filterfalse groupby islice pairwise permutations product repeat "
        "starmap takewhile tee zip_longest"
    ),
    "json": "JSONDecodeError dumps loads",
    "logging": "getLogger",
    "math": (
        "acos asin atan atan2 ceil comb copysign cos degrees dist exp expm1 fabs factorial "
        "floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp "
        "log log10 log1p log2 modf nan perm pi prod radians sin sinh sqrt tan tanh tau trunc"
    ),
    "numbers": "Integral Number Rational Real",
    "operator": (
        "add and_ attrgetter contains floordiv itemgetter methodcaller mod mul neg or_ sub "
        "truediv xor"
    ),
    "os.path": "basename dirname splitext",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath",
    "pprint": "pformat pprint",
    "queue": "Empty Full LifoQueue PriorityQueue Queue SimpleQueue",
    "random": "choice choices randint random randrange sample shuffle uniform Random",
    "secrets": "token_bytes token_hex token_urlsafe",
    "shutil": "copyfile move rmtree",
    "statistics": (
        "fmean geometric_mean harmonic_mean mean median median_high median_low mode multimode "
        "pstdev pvariance quantiles stdev variance"
    ),
    "string": (
        "Formatter Template ascii_letters ascii_lowercase ascii_uppercase capwords digits "
        "hexdigits octdigits printable punctuation whitespace"
    ),
    "struct": "calcsize pack unpack",
    "tempfile": "NamedTemporaryFile TemporaryDirectory",
    "textwrap": "dedent fill indent shorten wrap",
    "threading": "Event Lock RLock Thread",
    "time": "monotonic perf_counter sleep strftime time",
    "traceback": "format_exc print_exc",
    "types": "MappingProxyType ModuleType SimpleNamespace",
    "typing": (
        "Annotated Any AnyStr ClassVar Concatenate DefaultDict Deque Dict Final FrozenSet "
        "Generic List Literal NamedTuple Never NoReturn Optional ParamSpec Protocol Self Set "
        "Tuple Type TypeAlias TypeGuard TypeVar TypedDict Union cast overload"
    ),
    "unicodedata": "combining normalize",
    "urllib.parse": (
        "parse_qs parse_qsl quote quote_plus unquote unquote_plus urlencode urljoin urlparse "
        "urlsplit urlunparse urlunsplit"
    ),
    "uuid": "UUID uuid1 uuid3 uuid4 uuid5",
    "warnings": "warn",
    "zoneinfo": "ZoneInfo",
}

# name -> the module that it is imported from.
NAMES: dict[str, str] = {name: module for module, names in _FROM.items() for name in names.split()}

# Names that are both a module and something in that module: the attributes that show the module.
MODULE_ATTRIBUTES = {
    "datetime": frozenset(
        "date datetime time timedelta timezone tzinfo UTC MINYEAR MAXYEAR".split()
    ),
    "time": frozenset(
        "time sleep perf_counter monotonic strftime strptime gmtime localtime mktime time_ns "
        "process_time ctime asctime perf_counter_ns monotonic_ns struct_time".split()
    ),
    "bisect": frozenset("bisect bisect_left bisect_right insort insort_left insort_right".split()),
    "copy": frozenset("copy deepcopy copyfile".split()),
    "fnmatch": frozenset("fnmatch fnmatchcase filter translate".split()),
    "glob": frozenset("glob iglob escape".split()),
    "pprint": frozenset("pprint pformat pp PrettyPrinter".split()),
    "random": frozenset(
        "random randint choice choices shuffle sample uniform randrange seed gauss Random".split()
    ),
}
