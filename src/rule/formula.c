/* formula: the strings of func.def as small programs over canonical constructors. */
#include "rule/rule_impl.h"

#include "text/text.h"

#include <ctype.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------------------ */

/* The arguments are read under names that no user types, so a user's own u or y cannot get in the way. */
static const char *const slot_names[SLOT_FIRST] = {"u__row", "v__row", "w__row", "y__row"};

static bool is_word(int c) { return isalnum(c) || c == '_' || c >= 0x80; }

/* text with every whole word u, v, w, y renamed. */
static void rename_arguments(strbuf *out, const char *text)
{
    bool in_word = false;
    for (const char *p = text; *p; p++) {
        const char *at = strchr("uvwy", *p);
        bool whole = !in_word && at && !is_word((unsigned char)p[1]);
        if (whole)
            strbuf_add(out, slot_names[at - "uvwy"]);
        else
            strbuf_addc(out, *p);
        in_word = is_word((unsigned char)*p);
    }
}

typedef struct compiler {
    gradus_ctx *ctx;
    formula *out;
    term var[SLOT_FIRST];
    term_vec nodes;          /* ascending */
    VEC(uint32_t) slot;      /* of nodes.at[i] */
} compiler;

static uint32_t find_slot(const compiler *c, term t)
{
    size_t lo = 0, hi = c->nodes.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c->nodes.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return c->slot.at[lo];
}

static bool op_is_plain(term_op op)
{
    switch (op) {
    case OP_NUM: case OP_CONST: case OP_UNDEF: case OP_ADD: case OP_MUL: case OP_POW: case OP_FN: case OP_BRACKET:
    case OP_REL: case OP_AND: case OP_OR: case OP_NOT: case OP_BOOL: case OP_CASES: return true;
    default: return false;
    }
}

static bool compile_node(compiler *c, term t, uint32_t *slot)
{
    gradus_ctx *ctx = c->ctx;
    term_op op = term_get_op(ctx, t);
    for (uint32_t k = 0; op == OP_SYM && k < SLOT_FIRST; k++)
        if (t == c->var[k]) {
            *slot = k;
            return true;
        }
    if (!op_is_plain(op))
        return false;
    formula_op o = {.op = (uint8_t)op, .aux = term_aux(ctx, t), .first = (uint32_t)c->out->arg.n,
                    .argc = op == OP_NUM ? 0 : term_argc(ctx, t)};
    if (op == OP_NUM) {
        fmpq q = {0, 1};
        o.first = (uint32_t)c->out->num.n;
        if (!vec_push(ctx, &c->out->num, q))
            return false;
        fmpq_init(&c->out->num.at[o.first]);
        fmpq_set(&c->out->num.at[o.first], term_num(ctx, t));
    }
    for (uint32_t i = 0; i < o.argc; i++)
        if (!vec_push(ctx, &c->out->arg, find_slot(c, term_arg(ctx, t, i))))
            return false;
    *slot = SLOT_FIRST + (uint32_t)c->out->ops.n;
    return vec_push(ctx, &c->out->ops, o);
}

/* The result of a program is its last slot; a bare argument becomes a product of one. */
static bool compile_root(compiler *c, term root)
{
    uint32_t slot = find_slot(c, root);
    if (slot >= SLOT_FIRST)
        return true;
    formula_op o = {.op = OP_INVALID, .first = (uint32_t)c->out->arg.n, .argc = 1};
    return vec_push(c->ctx, &c->out->arg, slot) && vec_push(c->ctx, &c->out->ops, o);
}

bool formula_compile(gradus_ctx *ctx, formula *out, const char *text)
{
    compiler c = {.ctx = ctx, .out = out};
    strbuf b;
    strbuf_init(&b, ctx);
    rename_arguments(&b, text);
    for (uint32_t k = 0; k < SLOT_FIRST; k++)
        c.var[k] = term_sym(ctx, slot_names[k], strlen(slot_names[k]));
    term root = text_parse_own(ctx, strbuf_str(&b), strlen(strbuf_str(&b)));
    root = term_canon(ctx, root);
    strbuf_clear(&b);
    bool ok = root && term_reachable(ctx, &root, 1, &c.nodes) && vec_reserve(ctx, &c.slot, c.nodes.n);
    for (size_t i = 0; ok && i < c.nodes.n; i++) {
        uint32_t slot = 0;
        ok = compile_node(&c, c.nodes.at[i], &slot);
        c.slot.at[c.slot.n++] = slot;
    }
    ok = ok && compile_root(&c, root);
    vec_clear(ctx, &c.nodes);
    vec_clear(ctx, &c.slot);
    return ok;
}

void formula_clear(gradus_ctx *ctx, formula *f)
{
    for (size_t i = 0; i < f->num.n; i++)
        fmpq_clear(&f->num.at[i]);
    vec_clear(ctx, &f->ops);
    vec_clear(ctx, &f->arg);
    vec_clear(ctx, &f->num);
}

/* ---- instantiating --------------------------------------------------------------------------------------- */

enum { SMALL_PROGRAM = 64, SMALL_NODE = 32 };

/* Gathers entries 0, 2, 4, ... of an ADD or MUL into a and 1, 3, 5, ... into b. */
static uint32_t split_pairs(const formula *f, const formula_op *o, const term *val, uint32_t from, term *a, term *b)
{
    uint32_t n = 0;
    for (uint32_t i = from; i + 1 < o->argc; i += 2, n++) {
        a[n] = val[f->arg.at[o->first + i]];
        b[n] = val[f->arg.at[o->first + i + 1]];
    }
    return n;
}

/* The constant of a sum goes where it is displayed. */
static term make_sum(gradus_ctx *ctx, const formula *f, const formula_op *o, const term *val, term *k, term *t)
{
    uint32_t n = split_pairs(f, o, val, 1, k, t), at = o->aux < n ? o->aux : n;
    term c0 = val[f->arg.at[o->first]];
    if (term_is_int(ctx, c0, 0))
        return term_lincomb(ctx, k, t, n);
    memmove(k + at + 1, k + at, (n - at) * sizeof *k);
    memmove(t + at + 1, t + at, (n - at) * sizeof *t);
    k[at] = c0;
    t[at] = term_int(ctx, 1);
    return term_lincomb(ctx, k, t, n + 1);
}

static term make_op(gradus_ctx *ctx, const formula *f, const formula_op *o, const term *val)
{
    term a[SMALL_NODE + 1], b[SMALL_NODE + 1];
    if (o->argc > SMALL_NODE) {
        diag_error(ctx, GRADUS_BUG, SPAN_NONE, NULL, "a formula of the function table has more than %d entries in one sum",
                   SMALL_NODE);
        return TERM_NONE;
    }
    switch ((term_op)o->op) {
    case OP_INVALID: return val[f->arg.at[o->first]];
    case OP_NUM: return term_from_fmpq(ctx, &f->num.at[o->first]);
    case OP_CONST: return term_constant(ctx, (term_const)o->aux);
    case OP_BOOL: return term_bool(ctx, o->aux != 0);
    case OP_UNDEF: return term_undefined(ctx);
    case OP_ADD: return make_sum(ctx, f, o, val, a, b);
    case OP_MUL: {
        uint32_t n = split_pairs(f, o, val, 0, a, b);
        return term_powprod(ctx, a, b, n);
    }
    default: break;
    }
    for (uint32_t i = 0; i < o->argc; i++)
        a[i] = val[f->arg.at[o->first + i]];
    switch ((term_op)o->op) {
    case OP_POW: return term_pow(ctx, a[0], a[1]);
    case OP_FN: return term_apply(ctx, (fn_id)o->aux, a, o->argc);
    case OP_BRACKET: return term_bracket(ctx, a[0]);
    case OP_REL: return term_rel_make(ctx, (term_rel)o->aux, a[0], a[1]);
    case OP_AND: return term_and(ctx, a, o->argc);
    case OP_OR: return term_or(ctx, a, o->argc);
    case OP_NOT: return term_not(ctx, a[0]);
    case OP_CASES: return term_cases(ctx, a, o->argc / 2, o->argc % 2 ? a[o->argc - 1] : TERM_NONE);
    default: return TERM_NONE;
    }
}

term formula_make(gradus_ctx *ctx, const formula *f, const term *args, uint32_t n, term y)
{
    term small[SMALL_PROGRAM];
    size_t slots = SLOT_FIRST + f->ops.n;
    term *val = slots <= SMALL_PROGRAM ? small : ctx_realloc(ctx, NULL, 0, slots * sizeof *val);
    if (!val)
        return TERM_NONE;
    for (uint32_t k = 0; k < SLOT_Y; k++)
        val[k] = k < n ? args[k] : TERM_NONE;
    val[SLOT_Y] = y;
    for (size_t i = 0; i < f->ops.n; i++)
        val[SLOT_FIRST + i] = make_op(ctx, f, &f->ops.at[i], val);
    term result = val[slots - 1];
    if (val != small)
        ctx_realloc(ctx, val, slots * sizeof *val, 0);
    return result;
}
