/* sentence: a rule's words with the record's bindings put in, and the short reasons beside the lines. */
#include "explain/explain_impl.h"

/* ---- bindings ------------------------------------------------------------------------------------ */

static const term *find_binding(const step *s, const char *name, size_t n)
{
    for (unsigned i = 0; i < s->bind_count; i++)
        if (strlen(s->bind[i].name) == n && memcmp(s->bind[i].name, name, n) == 0) return &s->bind[i].value;
    return NULL;
}

term explain_binding(const step *s, const char *name)
{
    const term *t = find_binding(s, name, strlen(name));
    return t ? *t : TERM_NONE;
}

/* Names every record has without binding them: the variable, the result, both sides of a rewrite. */
static term standing_name(gradus_ctx *ctx, const step *s, const char *name, size_t n)
{
#define IS(word) (n == sizeof word - 1 && memcmp(name, word, n) == 0)
    bool deriv = s->before && term_is(ctx, s->before, OP_DERIV);
    if (IS("x")) return deriv ? term_arg(ctx, s->before, 1) : TERM_NONE;
    if (IS("f")) return deriv ? term_arg(ctx, s->before, 0) : s->before;
    if (IS("value") || IS("new")) return s->after;
    if (IS("old")) return s->before;
    if (IS("cond")) return s->cond;
    return TERM_NONE;
#undef IS
}

/* A term too long to sit inside a sentence is called "the formula". */
enum { LONGEST_BINDING = 60 };

void explain_term(strbuf *out, gradus_ctx *ctx, term t, text_form form)
{
    strbuf b;
    strbuf_init(&b, ctx);
    text_print(&b, ctx, show_flat(ctx, t), form == FORM_LATEX ? FORM_TEXT : form);
    bool fits = b.n <= LONGEST_BINDING;
    if (fits && form == FORM_LATEX) {
        b.n = 0;
        text_print(&b, ctx, show_flat(ctx, t), FORM_LATEX);
        strbuf_printf(out, "$%s$", strbuf_str(&b));
    } else {
        strbuf_add(out, fits ? strbuf_str(&b) : "the formula");
    }
    strbuf_clear(&b);
}

void explain_condition(strbuf *out, gradus_ctx *ctx, term cond, text_form form)
{
    static const char *const sign[] = {
        [REL_EQ] = " = ", [REL_NE] = " != ", [REL_LT] = " < ", [REL_LE] = " <= "};
    static const char *const turned[] = {
        [REL_EQ] = " = ", [REL_NE] = " != ", [REL_LT] = " > ", [REL_LE] = " >= "};
    if (!term_is(ctx, cond, OP_REL)) {
        explain_term(out, ctx, cond, form);
        return;
    }
    term a = term_arg(ctx, cond, 0), b = term_arg(ctx, cond, 1);
    if (term_aux(ctx, cond) == REL_NE && term_is_int(ctx, b, 0) && term_is(ctx, a, OP_ADD) &&
        term_argc(ctx, a) == 3 && term_is_int(ctx, term_arg(ctx, a, 0), 0))
        a = term_arg(ctx, a, 2);                             /* 2*y != 0 is y != 0 */
    bool turn = term_is_num(ctx, a) && !term_is_num(ctx, b); /* the number stands right */
    uint32_t rel = term_aux(ctx, cond);
    explain_term(out, ctx, turn ? b : a, form);
    strbuf_add(out, turn ? turned[rel] : sign[rel]);
    explain_term(out, ctx, turn ? a : b, form);
}

void explain_join(strbuf *reasons, const char *one)
{
    if (!*one || strstr(strbuf_str(reasons), one)) return;
    if (reasons->n) strbuf_add(reasons, "; ");
    strbuf_add(reasons, one);
}

/* ---- patterns ------------------------------------------------------------------------------------ */

/* Characters that LaTeX reads as commands, in words. */
static void add_char(strbuf *out, char c, text_form form)
{
    if (form == FORM_LATEX && c && strchr("^_&%#$", c)) {
        strbuf_addc(out, '\\');
        strbuf_addc(out, c);
        if (c == '^') strbuf_add(out, "{}");
        return;
    }
    strbuf_addc(out, c);
}

static void add_words(strbuf *out, const char *words, text_form form)
{
    for (; *words; words++) add_char(out, *words, form);
}

void explain_fill(strbuf *out, gradus_ctx *ctx, const step *s, const char *pattern, text_form form)
{
    for (const char *p = pattern; *p; p++) {
        const char *close = *p == '{' ? strchr(p, '}') : NULL;
        if (!close) {
            add_char(out, *p, form);
            continue;
        }
        size_t n = (size_t)(close - p - 1);
        const term *bound = find_binding(s, p + 1, n);
        term t = bound ? *bound : standing_name(ctx, s, p + 1, n);
        if (t && term_is(ctx, t, OP_REL)) explain_condition(out, ctx, t, form);
        else if (t) explain_term(out, ctx, t, form);
        else strbuf_add(out, "it");
        p = close;
    }
}

/* ---- the full sentence --------------------------------------------------------------------------- */

static const char *own_sentence(gradus_ctx *ctx, const step *s)
{
    term f = explain_binding(s, "f");
    if (strcmp(s->rule, "kink") == 0 && s->kind == STEP_RULE && f && term_is(ctx, f, OP_FN))
        return fn_get((fn_id)term_aux(ctx, f))->say;
    if (strcmp(s->rule, "chain") == 0)
        return "outer function {f} with {inner} inside, called {g}: derivative of the outer, the inner put "
               "back, times the "
               "derivative of the inner";
    if (strcmp(s->rule, "exp") == 0) return "the exponential is its own derivative";
    return NULL;
}

void explain_why(strbuf *out, gradus_ctx *ctx, const step *s)
{
    const rule_row *r = rule_find(s->rule);
    size_t start = out->n;
    if (s->tag == STEP_REPEAT) {
        strbuf_add(out, "the same sub-formula as before");
        return;
    }
    const char *own = own_sentence(ctx, s);
    if (!r && !own) {
        strbuf_add(out, s->rule);
        return;
    }
    explain_fill(out, ctx, s, own ? own : r->full ? r->full : r->key, FORM_TEXT);
    if (out->at && out->n > start && out->at[start] >= 'a' && out->at[start] <= 'z' && r && r->brief &&
        r->brief[0] >= 'A' && r->brief[0] <= 'Z')
        out->at[start] = (char)(out->at[start] - 'a' + 'A');
}

/* ---- reasons ------------------------------------------------------------------------------------- */

static bool is(const step *s, const char *rule)
{
    return strcmp(s->rule, rule) == 0;
}

static void chain_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    strbuf inner;
    strbuf_init(&inner, ctx);
    explain_term(&inner, ctx, s->inner_is, form);
    bool named = strcmp(strbuf_str(&inner), "the formula") == 0;
    strbuf_add(out, named ? "chain rule: " : "chain rule: inner ");
    explain_term(out, ctx, s->inner_name, form);
    strbuf_add(out, named ? " for all that is inside" : " = ");
    if (!named) strbuf_add(out, strbuf_str(&inner));
    strbuf_clear(&inner);
}

/* One term per argument, each with its letter. */
static void total_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    strbuf_add(out, "one term per argument");
    for (const step *p = s->sub; p; p = p->next)
        if (p->inner_name && p->role && strcmp(p->role, "partial") == 0) {
            strbuf_add(out, "; inner ");
            explain_term(out, ctx, p->inner_name, form);
            strbuf_add(out, " = ");
            explain_term(out, ctx, p->inner_is, form);
        }
}

/* sin(x)' = cos(x) */
static void table_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    strbuf_add(out, "table: ");
    explain_term(out, ctx, standing_name(ctx, s, "f", 1), form);
    strbuf_add(out, "' = ");
    explain_term(out, ctx, s->after, form);
}

static const char *short_pattern(gradus_ctx *ctx, const step *s)
{
    static const struct {
        const char *rule, *pattern;
    } own[] = {
        {"constant", "The derivative of a constant is 0"},
        {"identity", "{x}: slope 1"},
        {"linear", "{f}: slope {a}"},
        {"constant-multiple", "the factor {c} stays"},
        {"sum", "term by term"},
        {"power", "power rule"},
        {"product", "product rule f'*g + f*g'"},
        {"quotient", "quotient rule (g*f' - f*g')/g^2"},
        {"cases", "each branch where it holds"},
        {"extremum", "the slope of the one that leads"},
        {"prime", "{f} depends on {x}: its slope keeps a name"},
        {"sum-index", "under the sum, term by term"},
        {"product-index", "one factor at a time"},
        {"logsumexp", "ln of a sum: its derivative over the sum"},
        {"elementwise", "entry by entry"},
        {"determinant", "cofactors: det*inv, transposed"},
        {"inverse-matrix", "from X*inv(X) = I: -inv*dX*inv"},
        {"recurrence", "rule by rule: the sensitivity is a recurrence too"},
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (is(s, own[i].rule)) return own[i].pattern;
    if (is(s, "exp")) return "{f} is its own derivative";
    if (is(s, "exponential") && explain_binding(s, "a")) return "{a}^u: times ln({a})";
    if (is(s, "entry")) return "[{j} == {k}]: 1 if it is the same entry, else 0";
    if (is(s, "bracket"))
        return explain_binding(s, "f") ? "counts where {c} is 1" : "flat where the bracket does not step";
    (void)ctx;
    return NULL;
}

void explain_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    const rule_row *r = rule_find(s->rule);
    bool deriv = s->before && term_is(ctx, s->before, OP_DERIV);
    if (s->tag == STEP_REPEAT) {
        strbuf_add(out, "as before");
        return;
    }
    if (s->kind == STEP_REWRITE) {
        explain_change(out, ctx, s, form);
        return;
    }
    bool table = deriv && term_is(ctx, term_arg(ctx, s->before, 0), OP_FN) && !is(s, "exp") &&
                 !is(s, "extremum") && !is(s, "chain") && !is(s, "total") && !is(s, "linear") &&
                 !is(s, "constant");
    const char *pattern = table ? NULL : short_pattern(ctx, s);
    if (is(s, "chain") && s->inner_name) chain_reason(out, ctx, s, form);
    else if (is(s, "total")) total_reason(out, ctx, s, form);
    else if (table) table_reason(out, ctx, s, form);
    else if (pattern) explain_fill(out, ctx, s, pattern, form);
    else if (r) explain_fill(out, ctx, s, r->brief ? r->brief : r->full ? r->full : r->key, form);
    else add_words(out, s->rule, form);
}

/* ---- what a rewrite does ------------------------------------------------------------------------- */

typedef struct look {
    uint32_t negative_powers, negative_numbers, numbers, ones;
    bool sine, cosine, hyperbolic_sine, hyperbolic_cosine;
} look;

/* What strikes the eye in t. */
static look look_at(gradus_ctx *ctx, term t)
{
    look l = {0};
    term_vec nodes = {0};
    if (!term_reachable(ctx, &t, 1, &nodes)) nodes.n = 0;
    for (size_t i = 0; i < nodes.n; i++) {
        term n = nodes.at[i];
        uint32_t f = term_is(ctx, n, OP_FN) ? term_aux(ctx, n) : FN_NONE;
        l.sine |= f == FN_sin;
        l.cosine |= f == FN_cos;
        l.hyperbolic_sine |= f == FN_sinh;
        l.hyperbolic_cosine |= f == FN_cosh;
        if (term_is(ctx, n, OP_POW) && term_is_num(ctx, term_arg(ctx, n, 1)) &&
            term_num_sign(ctx, term_arg(ctx, n, 1)) < 0)
            l.negative_powers++;
        if (!term_is(ctx, n, OP_MUL)) continue;
        uint32_t numbers = 0;
        for (uint32_t k = 0; k < term_argc(ctx, n); k += 2) {
            term b = term_arg(ctx, n, k);
            if (term_is_num(ctx, b)) {
                numbers++;
                l.ones += term_is_int(ctx, b, 1);
                l.negative_numbers += term_num_sign(ctx, b) < 0;
            }
        }
        l.numbers += numbers > 1 ? numbers : 0;
    }
    vec_clear(ctx, &nodes);
    return l;
}

static bool is_fraction(gradus_ctx *ctx, term t)
{
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3 && term_is_int(ctx, term_arg(ctx, t, 0), 0))
        t = term_arg(ctx, t, 2);
    for (uint32_t i = 1; term_is(ctx, t, OP_MUL) && i < term_argc(ctx, t); i += 2)
        if (term_num_sign(ctx, term_arg(ctx, t, i)) < 0) return true;
    return false;
}

/* A sum of two terms or more: -x is none. */
static bool is_sum(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_ADD) && (term_argc(ctx, t) > 3 || !term_is_int(ctx, term_arg(ctx, t, 0), 0));
}

static bool has_sum_factor(gradus_ctx *ctx, term t)
{
    for (uint32_t i = 0; term_is(ctx, t, OP_MUL) && i < term_argc(ctx, t); i += 2)
        if (is_sum(ctx, term_arg(ctx, t, i)) && term_is_int(ctx, term_arg(ctx, t, i + 1), 1)) return true;
    return false;
}

/* sum became factor*sum: the factor. */
static void common_factor(strbuf *out, gradus_ctx *ctx, term after, text_form form)
{
    term_vec b = {0}, e = {0};
    bool ok = true;
    term t = after;
    if (term_is(ctx, t, OP_ADD) && term_argc(ctx, t) == 3) {
        ok = vec_push(ctx, &b, term_arg(ctx, t, 1)) && vec_push(ctx, &e, term_int(ctx, 1));
        t = term_arg(ctx, t, 2);
    }
    for (uint32_t i = 0; ok && i < term_argc(ctx, t); i += 2)
        if (!term_is(ctx, term_arg(ctx, t, i), OP_ADD))
            ok = vec_push(ctx, &b, term_arg(ctx, t, i)) && vec_push(ctx, &e, term_arg(ctx, t, i + 1));
    term f = ok && b.n ? term_powprod(ctx, b.at, e.at, (uint32_t)b.n) : TERM_NONE;
    if (f) {
        strbuf_add(out, "common factor ");
        explain_term(out, ctx, f, form);
    } else {
        strbuf_add(out, "written as a product");
    }
    vec_clear(ctx, &b);
    vec_clear(ctx, &e);
}

/* A raw line was put in order: what of it was noise. */
static void order_reason(strbuf *out, look a, look b)
{
    if (a.negative_numbers > b.negative_numbers + 1) explain_join(out, "signs");
    else if (a.numbers > b.numbers) explain_join(out, "numbers together");
    if (a.negative_powers > b.negative_powers) explain_join(out, "negative powers below");
    if (a.ones > b.ones && !out->n) explain_join(out, "1* is left out");
}

static void simplify_reason(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    look a = look_at(ctx, s->before), b = look_at(ctx, s->after);
    term after = s->after;
    if (term_is(ctx, after, OP_ADD) && term_argc(ctx, after) == 3 &&
        term_is_int(ctx, term_arg(ctx, after, 0), 0))
        after = term_arg(ctx, after, 2);
    bool raw = (term_get_flags(ctx, s->before) & TF_RAW) != 0;
    bool sum = is_sum(ctx, s->before), factored = sum && has_sum_factor(ctx, after);
    if (a.sine && a.cosine && !(b.sine && b.cosine)) strbuf_add(out, "sin^2 + cos^2 = 1");
    else if (a.hyperbolic_sine && a.hyperbolic_cosine && !(b.hyperbolic_sine && b.hyperbolic_cosine))
        strbuf_add(out, "cosh^2 - sinh^2 = 1");
    else if (sum && is_fraction(ctx, after)) strbuf_add(out, "one fraction");
    else if (raw && !factored) order_reason(out, a, b);
    if (out->n) return;
    if (raw && is_fraction(ctx, s->before) && is_fraction(ctx, after) && has_sum_factor(ctx, s->before))
        strbuf_add(out, "above the bar multiplied out and put together");
    else if (factored) common_factor(out, ctx, s->after, form);
    else if (has_sum_factor(ctx, s->before) && !has_sum_factor(ctx, after)) strbuf_add(out, "multiplied out");
    else strbuf_add(out, raw ? "in order" : "put together");
}

void explain_change(strbuf *out, gradus_ctx *ctx, const step *s, text_form form)
{
    strbuf words;
    strbuf_init(&words, ctx);
    term n = explain_binding(s, "N");
    if (is(s, "simplify")) {
        simplify_reason(&words, ctx, s, FORM_TEXT);
        if (strncmp(strbuf_str(&words), "common factor", 13) == 0 && form == FORM_LATEX) {
            words.n = 0;
            simplify_reason(&words, ctx, s, form);
            strbuf_add(out, strbuf_str(&words));
        } else {
            add_words(out, strbuf_str(&words), form);
        }
    } else if (is(s, "add-zero")) {
        add_words(out, "add 1 and take it away", form);
    } else if (is(s, "split-fraction")) {
        add_words(out, "split the fraction", form);
    } else if (is(s, "fold") && s->next && is(s->next, "add-zero")) {
        explain_fill(out, ctx, s, "one factor is {N}", form);
    } else if (is(s, "fold") && (term_get_flags(ctx, s->before) & TF_RAW)) {
        add_words(out, "both parts are known", form);
    } else if (is(s, "fold") && n && term_is(ctx, n, OP_SYM)) {
        strbuf_add(out, "this is ");
        explain_term(out, ctx, n, form);
        strbuf_add(out, ", which has a name");
    } else if (is(s, "fold")) {
        explain_fill(out, ctx, s, n ? "{N} itself" : "a name put back", form);
    } else {
        const rule_row *r = rule_find(s->rule);
        explain_fill(out, ctx, s, r && r->brief ? r->brief : s->rule, form);
    }
    strbuf_clear(&words);
}
