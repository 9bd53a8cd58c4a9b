/* resolve: derivatives and limits standing inside a formula are replaced by what they are.
 *
 * Innermost first: nodes in ascending order see their arguments done. A binder with something to resolve inside is
 * opened first, so that a result with binders of its own cannot capture its index; binders nest no deeper than
 * BINDER_DEPTH. Definitions whose bodies hold derivatives (a descent that uses grad) get resolved bodies.           */
#include "diff/diff_impl.h"

enum { BINDER_DEPTH = 100 };

typedef struct resolver {
    gradus_ctx *ctx;
    int depth;
} resolver;

static term resolve(resolver *r, term t);

static bool is_primed(gradus_ctx *ctx, term t)
{
    if (!term_is(ctx, t, OP_CALL))
        return false;
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    for (uint32_t i = 0; i < arity; i++)
        if (!term_is_int(ctx, term_arg(ctx, t, 1 + i), 0))
            return true;
    return false;
}

static bool is_defined_call(gradus_ctx *ctx, term t)
{
    return term_is(ctx, t, OP_CALL) && term_sym_info(ctx, term_arg(ctx, t, 0))->rule_count > 0;
}

/* Is there anything to do at or below t (not looking through names)? */
static bool has_work(gradus_ctx *ctx, term t)
{
    unsigned flags = term_get_flags(ctx, t);
    if (flags & TF_DERIV)
        return true;
    if (!(flags & TF_DEFINED))
        return false;
    term_vec nodes = {0};
    bool found = false;
    if (term_reachable(ctx, &t, 1, &nodes))
        for (size_t i = 0; i < nodes.n && !found; i++)
            found = is_primed(ctx, nodes.at[i]) && is_defined_call(ctx, nodes.at[i]);
    vec_clear(ctx, &nodes);
    return found;
}

/* ---- one node ---------------------------------------------------------------------------------------------------- */

static term resolve_deriv(gradus_ctx *ctx, const term *args, uint32_t n)
{
    term f = args[0];
    for (uint32_t i = 1; i + 1 < n && f; i += 2) {
        long order;
        if (!term_get_long(ctx, args[i + 1], &order) || order < 0 || order > 1000) {
            diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "the order of a derivative must be a whole number up to 1000");
            return TERM_NONE;
        }
        f = diff_order(ctx, f, args[i], (uint32_t)order, NULL, NULL);
    }
    return f;
}

/* f'(u): the body differentiated by the formals, then the arguments put in. */
static term resolve_call(gradus_ctx *ctx, term t, const term *args)
{
    uint32_t arity = (term_argc(ctx, t) - 1) / 2;
    const sym_info *info = term_sym_info(ctx, args[0]);
    if (info->rule_count != 1 || info->recursive || info->rules[0].n != arity) {
        diag_error(ctx, GRADUS_UNABLE, SPAN_NONE, NULL, "no derivative is known of a function that is defined through itself");
        return TERM_NONE;
    }
    term formal[SYM_MAX_RANK], f = info->rules[0].body;
    memcpy(formal, info->rules[0].index, sizeof formal);
    for (uint32_t i = 0; i < arity && f; i++) {
        long order = 0;
        term_get_long(ctx, args[1 + i], &order);
        if (order)
            f = diff_order(ctx, f, formal[i], (uint32_t)order, NULL, NULL);
    }
    return f ? term_subst(ctx, f, formal, args + 1 + arity, arity) : TERM_NONE;
}

static term resolve_reduce(resolver *r, term t)
{
    gradus_ctx *ctx = r->ctx;
    term index, body = term_open(ctx, t, &index);
    term lo = resolve(r, term_arg(ctx, t, 1)), hi = resolve(r, term_arg(ctx, t, 2));
    body = body ? resolve(r, body) : TERM_NONE;
    return body ? term_raw_reduce(ctx, (term_red)term_aux(ctx, t), index, lo, hi, body) : TERM_NONE;
}

static term resolve_array(resolver *r, term t)
{
    gradus_ctx *ctx = r->ctx;
    term index[SYM_MAX_RANK], lo[SYM_MAX_RANK], hi[SYM_MAX_RANK], body = term_open(ctx, t, index);
    uint32_t rank = (term_argc(ctx, t) - 1) / 3;
    for (uint32_t k = 0; k < rank; k++) {
        lo[k] = term_arg(ctx, t, 3 * k + 1);
        hi[k] = term_arg(ctx, t, 3 * k + 2);
    }
    body = body ? resolve(r, body) : TERM_NONE;
    return body ? term_array(ctx, index, lo, hi, rank, body) : TERM_NONE;
}

static bool is_binder(gradus_ctx *ctx, term t) { return term_is(ctx, t, OP_REDUCE) || term_is(ctx, t, OP_ARRAY); }

static term resolve_node(resolver *r, term t, const term *args, bool changed)
{
    gradus_ctx *ctx = r->ctx;
    uint32_t n = term_argc(ctx, t);
    switch (term_get_op(ctx, t)) {
    case OP_DERIV: return resolve_deriv(ctx, args, n);
    case OP_LIMIT: return diff_limit(ctx, args[0], args[1], args[2], (term_side)term_aux(ctx, t));
    case OP_CALL:
        if (is_primed(ctx, t) && is_defined_call(ctx, t))
            return resolve_call(ctx, t, args);
        break;
    default: break;
    }
    return changed ? term_raw_with_args(ctx, t, args, n) : t;
}

/* ---- a term ---------------------------------------------------------------------------------------------------------- */

typedef struct done_list {
    term_vec from; /* ascending */
    term_vec to;
} done_list;

static term done_get(const done_list *d, term t)
{
    size_t lo = 0, hi = d->to.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (d->from.at[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < d->to.n && d->from.at[lo] == t ? d->to.at[lo] : t;
}

/* Nodes with work that are not inside a binder, and binders with work, ascending. */
static bool collect(gradus_ctx *ctx, term root, term_vec *out)
{
    term_vec all = {0};
    bool ok = term_reachable(ctx, &root, 1, &all);
    uint8_t *want = ok ? ctx_realloc(ctx, NULL, 0, all.n) : NULL;
    if (!want) {
        vec_clear(ctx, &all);
        return false;
    }
    memset(want, 0, all.n);
    done_list place = {.from = all};
    term_vec number = {0};
    for (size_t i = 0; ok && i < all.n; i++)
        ok = vec_push(ctx, &number, (term)i);
    place.to = number;
    want[all.n - 1] = 1;
    for (size_t i = all.n; ok && i-- > 0;) {
        term t = all.at[i];
        if (!want[i] || is_binder(ctx, t))
            continue;
        for (uint32_t k = 0; k < term_argc(ctx, t); k++)
            want[done_get(&place, term_arg(ctx, t, k))] = 1;
    }
    for (size_t i = 0; ok && i < all.n; i++)
        if (want[i] && (term_get_flags(ctx, all.at[i]) & (TF_DERIV | TF_DEFINED)))
            ok = vec_push(ctx, out, all.at[i]);
    ctx_realloc(ctx, want, all.n, 0);
    vec_clear(ctx, &all);
    vec_clear(ctx, &number);
    return ok;
}

static term resolve(resolver *r, term root)
{
    gradus_ctx *ctx = r->ctx;
    if (!root || !has_work(ctx, root))
        return root;
    if (r->depth >= BINDER_DEPTH) {
        ctx_fail(ctx, GRADUS_LIMIT);
        return TERM_NONE;
    }
    r->depth++;
    done_list done = {0};
    term_vec args = {0};
    bool ok = collect(ctx, root, &done.from);
    for (size_t i = 0; ok && i < done.from.n; i++) {
        term t = done.from.at[i], u = t;
        bool changed = false;
        args.n = 0;
        for (uint32_t k = 0; ok && k < term_argc(ctx, t); k++) {
            term a = done_get(&done, term_arg(ctx, t, k));
            changed |= a != term_arg(ctx, t, k);
            ok = vec_push(ctx, &args, a);
        }
        if (ok && is_binder(ctx, t))
            u = !has_work(ctx, t) ? t : term_is(ctx, t, OP_REDUCE) ? resolve_reduce(r, t) : resolve_array(r, t);
        else if (ok)
            u = resolve_node(r, t, args.at, changed);
        ok = ok && u && vec_push(ctx, &done.to, u);
    }
    term result = ok ? done_get(&done, root) : TERM_NONE;
    vec_clear(ctx, &args);
    vec_clear(ctx, &done.from);
    vec_clear(ctx, &done.to);
    r->depth--;
    return result;
}

/* ---- definitions ------------------------------------------------------------------------------------------------------- */

/* Gives sym rules with resolved bodies, if any body has work. The old list stays as it was for older marks. */
static bool resolve_definition(resolver *r, term sym)
{
    gradus_ctx *ctx = r->ctx;
    uint32_t count = term_sym_info(ctx, sym)->rule_count;
    bool work = false;
    for (uint32_t i = 0; i < count; i++)
        work |= has_work(ctx, term_sym_info(ctx, sym)->rules[i].body);
    if (!work)
        return true;
    term other = term_fresh_index(ctx, term_sym_name(ctx, sym), TERM_NONE, TERM_NONE);
    for (uint32_t i = 0; i < count && other; i++) {
        sym_rule rule = term_sym_info(ctx, sym)->rules[i];
        rule.body = resolve(r, rule.body);
        if (!rule.body || !term_sym_define(ctx, other, term_sym_info(ctx, sym)->role, &rule))
            return false;
    }
    if (other)
        term_sym_info(ctx, sym)->rules = term_sym_info(ctx, other)->rules;
    return other != TERM_NONE;
}

/* All defined names that t leads to, through bodies; each once. */
bool diff_collect_names(gradus_ctx *ctx, term root, term_vec *names)
{
    term_vec nodes = {0}, todo = {0};
    bool ok = vec_push(ctx, &todo, root);
    for (size_t next = 0; ok && next < todo.n; next++) {
        nodes.n = 0;
        ok = term_reachable(ctx, &todo.at[next], 1, &nodes);
        for (size_t i = 0; ok && i < nodes.n; i++) {
            term t = nodes.at[i];
            if (!term_is(ctx, t, OP_SYM) || term_sym_info(ctx, t)->rule_count == 0)
                continue;
            bool seen = false;
            for (size_t k = 0; k < names->n && !seen; k++)
                seen = names->at[k] == t;
            if (seen)
                continue;
            const sym_info *info = term_sym_info(ctx, t);
            ok = vec_push(ctx, names, t);
            for (uint32_t k = 0; ok && k < info->rule_count; k++)
                ok = vec_push(ctx, &todo, info->rules[k].body);
        }
    }
    vec_clear(ctx, &nodes);
    vec_clear(ctx, &todo);
    return ok;
}

term diff_resolve(gradus_ctx *ctx, term t)
{
    if (!t)
        return TERM_NONE;
    if (!(term_get_flags(ctx, t) & (TF_DERIV | TF_DEFINED)))
        return t;
    resolver r = {.ctx = ctx};
    term_vec names = {0};
    bool ok = diff_collect_names(ctx, t, &names);
    for (size_t i = 0; ok && i < names.n; i++)
        ok = resolve_definition(&r, names.at[i]);
    vec_clear(ctx, &names);
    return ok ? resolve(&r, t) : TERM_NONE;
}
