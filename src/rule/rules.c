/* rules: rules.def by key; the keys of func.def beside it. */
#include "rule/rule_impl.h"

#include <string.h>

static const rule_row rows[] = {
#define RULE(key, general, brief, full, hint, weight, source) {key, general, brief, full, hint, weight, source},
#include "rule/rules.def"
#undef RULE
};

/* The rows of func.def, seen as rules: the anonymous struct has rule_row's layout under the table's field names. */
typedef struct function_row {
    const char *name, *aliases, *latex, *c;
    int arity;
    unsigned flags;
    fn_partial_kind dkind[FN_MAX_ARITY];
    const char *d[FN_MAX_ARITY], *domain, *ddomain, *kinks, *kink_text, *range, *at0, *at1, *about;
    union {
        rule_row rule;
        struct {
            const char *key, *no_general, *no_brief, *say, *no_hint;
            double no_weight;
            const char *source;
        };
    };
} function_row;

static const function_row functions[] = {
#define FUNC(id, ...) {__VA_ARGS__},
#include "func/func.def"
#undef FUNC
};

const rule_row *rule_find(const char *key)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (strcmp(functions[i].key, key) == 0)
            return &functions[i].rule;
    return NULL;
}
