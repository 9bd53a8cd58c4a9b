/* read: recursive descent, one function for each row of the operator table in docs/LANGUAGE.md. */
#include "ref.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *s;
    int depth;
    bool failed;
    char *error;
} reader;

static ref_node *read_or(reader *r);

static ref_node *fail(reader *r, const char *what)
{
    if (!r->failed) snprintf(r->error, REF_ERROR, "%s at `%.20s`", what, r->s);
    r->failed = true;
    return NULL;
}

static ref_node *make(ref_kind kind)
{
    ref_node *f = calloc(1, sizeof *f);
    if (f) f->kind = kind;
    return f;
}

void ref_free(ref_node *f)
{
    for (size_t i = 0; f && i < f->n; i++) ref_free(f->kid[i]);
    if (f) {
        free(f->kid);
        free(f->sign);
    }
    free(f);
}

/* Adds a kid (taken, also when it is NULL: then the reading has failed) with its sign. */
static ref_node *add(ref_node *f, ref_node *kid, char sign)
{
    if (!f || !kid) {
        ref_free(f);
        ref_free(kid);
        return NULL;
    }
    ref_node **kids = realloc(f->kid, (f->n + 1) * sizeof *kids);
    char *signs = realloc(f->sign, f->n + 1);
    if (kids) f->kid = kids;
    if (signs) f->sign = signs;
    if (!kids || !signs) {
        ref_free(f);
        ref_free(kid);
        return NULL;
    }
    f->kid[f->n] = kid;
    f->sign[f->n++] = sign;
    return f;
}

/* ---- characters ----------------------------------------------------------------------------- */

static bool skip_blanks(reader *r)
{
    const char *from = r->s;
    while (isspace((unsigned char)*r->s)) r->s++;
    return r->s > from;
}

/* Blanks before a sign that is not there stay: they may stand for a product. */
static bool take(reader *r, const char *sign)
{
    const char *from = r->s;
    size_t n = strlen(sign);
    skip_blanks(r);
    if (strncmp(r->s, sign, n) != 0) {
        r->s = from;
        return false;
    }
    r->s += n;
    return true;
}

static size_t name_length(const char *s)
{
    size_t n = 0;
    if (isalpha((unsigned char)*s))
        while (isalnum((unsigned char)s[n]) || s[n] == '_') n++;
    return n;
}

static bool is_word(const char *s, const char *word)
{
    size_t n = name_length(s);
    return n == strlen(word) && memcmp(s, word, n) == 0;
}

static bool take_word(reader *r, const char *word)
{
    const char *from = r->s;
    skip_blanks(r);
    if (!is_word(r->s, word)) {
        r->s = from;
        return false;
    }
    r->s += strlen(word);
    return true;
}

static bool take_name(reader *r, char name[REF_NAME])
{
    skip_blanks(r);
    size_t n = name_length(r->s);
    if (n == 0 || n >= REF_NAME) return false;
    memcpy(name, r->s, n);
    name[n] = '\0';
    r->s += n;
    return true;
}

/* ---- atoms ---------------------------------------------------------------------------------- */

static ref_node *read_number(reader *r)
{
    char digits[512];
    size_t n = 0;
    while (n + 1 < sizeof digits &&
           (isdigit((unsigned char)r->s[n]) || (r->s[n] == '.' && r->s[n + 1] != '.')))
        n++;
    if ((r->s[n] == 'e' || r->s[n] == 'E') &&
        (isdigit((unsigned char)r->s[n + 1]) ||
         ((r->s[n + 1] == '-' || r->s[n + 1] == '+') && isdigit((unsigned char)r->s[n + 2])))) {
        n += 2;
        while (n + 1 < sizeof digits && isdigit((unsigned char)r->s[n])) n++;
    }
    if (n + 1 >= sizeof digits) return fail(r, "number too long");
    memcpy(digits, r->s, n);
    digits[n] = '\0';
    r->s += n;
    ref_node *f = make(REF_NUMBER);
    if (f) f->number = strtold(digits, NULL);
    return f;
}

static ref_node *read_arguments(reader *r, ref_node *f)
{
    do f = add(f, read_or(r), ',');
    while (f && take(r, ","));
    if (f && !take(r, ")")) {
        ref_free(f);
        return fail(r, "expected )");
    }
    return f;
}

/* One reducer for each index: sum[i=1..3, j=1..2 : i < j](t) is sum[i](sum[j]([i < j]*t)). */
static ref_node *read_reducer(reader *r, const char *name)
{
    enum { MOST = 4 };
    ref_node *reduce[MOST], *condition = NULL, *body = NULL;
    int n = 0;
    do {
        ref_node *f = reduce[n] = make(REF_REDUCE);
        n++;
        if (!f || !take_name(r, f->index) || !take(r, "=")) {
            fail(r, "expected index=lo..hi");
            break;
        }
        strcpy(f->name, name);
        f = add(f, read_or(r), ' ');
        if (f && !take(r, "..")) fail(r, "expected ..");
        f = add(f, r->failed ? NULL : read_or(r), ' ');
        reduce[n - 1] = f;
    } while (!r->failed && n < MOST && take(r, ","));
    if (!r->failed && take(r, ":")) condition = add(make(REF_IVERSON), read_or(r), ' ');
    if (!r->failed && (!take(r, "]") || !take(r, "("))) fail(r, "expected ](");
    if (!r->failed) body = read_or(r);
    if (!r->failed && !take(r, ")")) fail(r, "expected )");
    if (condition) body = add(add(make(REF_PRODUCT), condition, '*'), body, '*');
    for (int i = n - 1; i >= 0; i--) body = add(reduce[i], body, ' ');
    if (condition && strcmp(name, "sum") != 0) fail(r, "a condition is understood in sums only");
    return body;
}

static ref_node *read_cases(reader *r)
{
    ref_node *f = make(REF_CASES);
    do {
        ref_node *value = read_or(r);
        if (value && take_word(r, "otherwise")) {
            f = add(f, value, ' ');
            break;
        }
        if (!value || !take_word(r, "if")) {
            ref_free(value);
            ref_free(f);
            return fail(r, "expected if");
        }
        f = add(f, read_or(r), ' ');
        f = add(f, value, ' ');
    } while (f && take(r, ";"));
    if (f && !take(r, "}")) {
        ref_free(f);
        return fail(r, "expected }");
    }
    return f;
}

static ref_node *read_named(reader *r)
{
    ref_node *f = make(REF_NAMED);
    if (!f || !take_name(r, f->name)) {
        ref_free(f);
        return fail(r, "expected a name");
    }
    if (*r->s == '[' && ref_is_reducer(f->name)) {
        char name[REF_NAME];
        strcpy(name, f->name);
        ref_free(f);
        r->s++;
        return read_reducer(r, name);
    }
    bool function = ref_is_function(f->name, 1) || ref_is_function(f->name, 2);
    if (*r->s != '(' && !(*r->s == '^' && function)) {
        if (!function) return f;
        ref_free(f);
        return fail(r, "a function without argument before");
    }
    /* sin^2(x) */
    ref_node *power = NULL;
    if (*r->s == '^') {
        r->s++;
        power = read_number(r);
    }
    if (!take(r, "(")) {
        ref_free(f);
        ref_free(power);
        return fail(r, "expected (");
    }
    f->kind = REF_CALL;
    f = read_arguments(r, f);
    if (f && !ref_is_function(f->name, f->n)) {
        ref_free(f);
        ref_free(power);
        return fail(r, "unknown function before");
    }
    return power ? add(add(make(REF_POWER), f, ' '), power, ' ') : f;
}

static ref_node *read_atom(reader *r)
{
    skip_blanks(r);
    char c = *r->s;
    ref_node *f;
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)r->s[1]))) return read_number(r);
    if (isalpha((unsigned char)c)) return read_named(r);
    r->s += c != '\0';
    switch (c) {
    case '(':
        f = read_or(r);
        if (f && take(r, ")")) return f;
        break;
    case '[':
        f = add(make(REF_IVERSON), read_or(r), ' ');
        if (f && take(r, "]")) return f;
        break;
    case '|':
        f = add(make(REF_CALL), read_or(r), ' ');
        if (f) strcpy(f->name, "abs");
        if (f && take(r, "|")) return f;
        break;
    case '{': return read_cases(r);
    default: f = NULL; break;
    }
    ref_free(f);
    return fail(r, "expected a value or its closing bracket");
}

/* ---- operators, tightest first -------------------------------------------------------------- */

static ref_node *read_unary(reader *r);

static ref_node *read_power(reader *r)
{
    ref_node *base = read_atom(r);
    if (!base || !take(r, "^")) return base;
    return add(add(make(REF_POWER), base, ' '), read_unary(r), ' ');
}

static ref_node *read_unary(reader *r)
{
    if (++r->depth > REF_DEPTH) return fail(r, "nested too deep");
    ref_node *f = take(r, "-")   ? add(make(REF_SUM), read_unary(r), '-')
                  : take(r, "+") ? read_unary(r)
                                 : read_power(r);
    r->depth--;
    return f;
}

/* Words that end a factor list. */
static bool is_operator_word(const char *s)
{
    return is_word(s, "and") || is_word(s, "or") || is_word(s, "not") || is_word(s, "if") ||
           is_word(s, "otherwise");
}

static ref_node *read_product(reader *r)
{
    ref_node *first = read_unary(r), *f = NULL;
    for (;;) {
        if (r->failed) return f ? f : first; /* perhaps nothing was read */
        char last = r->s[-1];
        bool blank = skip_blanks(r), after_bracket = last == ')';
        char c = *r->s;
        bool named = isalpha((unsigned char)c) && !is_operator_word(r->s);
        char sign = '\0';
        if (c == '*' || c == '/') {
            r->s++;
            sign = c;
        } else if (c == '(' ? after_bracket || isdigit((unsigned char)last) || blank
                            : named && (blank || isdigit((unsigned char)last) || after_bracket)) {
            sign = '*';
        }
        if (!sign || r->failed) return f ? f : first;
        if (!f) f = add(make(REF_PRODUCT), first, '*');
        f = add(f, read_unary(r), sign);
        if (!f) return NULL;
    }
}

static ref_node *read_sum(reader *r)
{
    ref_node *first = read_product(r), *f = NULL;
    for (;;) {
        char sign = take(r, "+") ? '+' : take(r, "-") ? '-' : '\0';
        if (!sign || r->failed) return f ? f : first;
        if (!f) f = add(make(REF_SUM), first, '+');
        f = add(f, read_product(r), sign);
        if (!f) return NULL;
    }
}

static char take_relation(reader *r)
{
    static const struct {
        const char *text;
        char sign;
    } relation[] = {{"<=", 'l'}, {">=", 'g'}, {"==", '='}, {"!=", 'n'}, {"<", '<'}, {">", '>'}};
    for (size_t i = 0; i < sizeof relation / sizeof *relation; i++)
        if (take(r, relation[i].text)) return relation[i].sign;
    return '\0';
}

static ref_node *read_relation(reader *r)
{
    ref_node *first = read_sum(r), *f = NULL;
    for (;;) {
        char sign = take_relation(r);
        if (!sign || r->failed) return f ? f : first;
        if (!f) f = add(make(REF_COMPARE), first, ' ');
        f = add(f, read_sum(r), sign);
        if (!f) return NULL;
    }
}

static ref_node *read_not(reader *r)
{
    return take_word(r, "not") ? add(make(REF_NOT), read_not(r), ' ') : read_relation(r);
}

static ref_node *read_and(reader *r)
{
    ref_node *f = read_not(r);
    while (f && take_word(r, "and")) f = add(add(make(REF_AND), f, ' '), read_not(r), ' ');
    return f;
}

static ref_node *read_or(reader *r)
{
    if (++r->depth > REF_DEPTH) return fail(r, "nested too deep");
    ref_node *f = read_and(r);
    while (f && take_word(r, "or")) f = add(add(make(REF_OR), f, ' '), read_and(r), ' ');
    r->depth--;
    return f;
}

ref_node *ref_read(const char *text, char error[REF_ERROR])
{
    reader r = {.s = text, .error = error};
    error[0] = '\0';
    ref_node *f = read_or(&r);
    skip_blanks(&r);
    if (f && *r.s) fail(&r, "expected the end");
    if (!f) fail(&r, "out of memory");
    if (r.failed) {
        ref_free(f);
        return NULL;
    }
    return f;
}
