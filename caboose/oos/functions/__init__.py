"""The functions of the language: ``Fn::…``, one file each.

``FUNCTIONS`` has their declarations by name. A new function is a file with a ``Function`` in it and a line in the tuple
below; the checks of a template, its call and the reference page come from the declaration.
"""

from caboose.oos.functions.add_hour import ADD_HOUR
from caboose.oos.functions.add_second import ADD_SECOND
from caboose.oos.functions.aggregates import AGGREGATES, aggregate
from caboose.oos.functions.and_ import AND
from caboose.oos.functions.base64_decode import BASE64_DECODE
from caboose.oos.functions.base64_encode import BASE64_ENCODE
from caboose.oos.functions.calculate_batch import CALCULATE_BATCH
from caboose.oos.functions.calculate_time_by_ops_window import CALCULATE_TIME_BY_OPS_WINDOW
from caboose.oos.functions.calling import argument_faults, call_function
from caboose.oos.functions.contains_sub_string import CONTAINS_SUB_STRING
from caboose.oos.functions.convert_map_to_list import CONVERT_MAP_TO_LIST
from caboose.oos.functions.declaration import FIXED, MANY, VALUE, Argument, Evaluating, Function, FunctionError
from caboose.oos.functions.difference import DIFFERENCE
from caboose.oos.functions.duration_between import DURATION_BETWEEN
from caboose.oos.functions.equals import EQUALS
from caboose.oos.functions.escape import ESCAPE
from caboose.oos.functions.eval_ import EVAL
from caboose.oos.functions.find_matched_package import FIND_MATCHED_PACKAGE
from caboose.oos.functions.first import FIRST
from caboose.oos.functions.format_utc_time import FORMAT_UTC_TIME
from caboose.oos.functions.if_ import IF
from caboose.oos.functions.intersection import INTERSECTION
from caboose.oos.functions.is_ip_in_cidr import IS_IP_IN_CIDR
from caboose.oos.functions.join import JOIN
from caboose.oos.functions.jq import JQ
from caboose.oos.functions.last import LAST
from caboose.oos.functions.list_join import LIST_JOIN
from caboose.oos.functions.map_join import MAP_JOIN
from caboose.oos.functions.max_ import MAX
from caboose.oos.functions.merge_list import MERGE_LIST
from caboose.oos.functions.merge_map import MERGE_MAP
from caboose.oos.functions.merge_map_to_list import MERGE_MAP_TO_LIST
from caboose.oos.functions.min_ import MIN
from caboose.oos.functions.not_ import NOT
from caboose.oos.functions.or_ import OR
from caboose.oos.functions.range_select import RANGE_SELECT
from caboose.oos.functions.replace import REPLACE
from caboose.oos.functions.select import SELECT
from caboose.oos.functions.split import SPLIT
from caboose.oos.functions.sub import SUB
from caboose.oos.functions.sum_ import SUM
from caboose.oos.functions.union import UNION

__all__ = [
    "AGGREGATES",
    "FIXED",
    "FUNCTIONS",
    "MANY",
    "VALUE",
    "Argument",
    "Evaluating",
    "Function",
    "FunctionError",
    "aggregate",
    "argument_faults",
    "call_function",
]

FUNCTIONS: dict[str, Function] = {
    each.name: each
    for each in (
        ADD_HOUR,
        ADD_SECOND,
        AND,
        BASE64_DECODE,
        BASE64_ENCODE,
        CALCULATE_BATCH,
        CALCULATE_TIME_BY_OPS_WINDOW,
        CONTAINS_SUB_STRING,
        CONVERT_MAP_TO_LIST,
        DIFFERENCE,
        DURATION_BETWEEN,
        EQUALS,
        ESCAPE,
        EVAL,
        FIND_MATCHED_PACKAGE,
        FIRST,
        FORMAT_UTC_TIME,
        IF,
        INTERSECTION,
        IS_IP_IN_CIDR,
        JOIN,
        JQ,
        LAST,
        LIST_JOIN,
        MAP_JOIN,
        MAX,
        MERGE_LIST,
        MERGE_MAP,
        MERGE_MAP_TO_LIST,
        MIN,
        NOT,
        OR,
        RANGE_SELECT,
        REPLACE,
        SELECT,
        SPLIT,
        SUB,
        SUM,
        UNION,
    )
}
