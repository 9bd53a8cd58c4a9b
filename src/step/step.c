/* step: writing down a derivation while it happens. */
#include "step/step.h"

#include <string.h>

void step_log_init(step_log *log, gradus_ctx *ctx)
{
    memset(log, 0, sizeof *log);
    log->ctx = ctx;
    arena_init(&log->mem, ctx);
}

void step_log_clear(step_log *log)
{
    if (!log->ctx)
        return;
    arena_clear(&log->mem);
    memset(log, 0, sizeof *log);
}

/* Hangs s below the open step; the first step without one becomes the root. */
static void attach(step_log *log, step *s)
{
    step *parent = log->open ? log->open : log->root;
    if (!parent) {
        log->root = s;
        return;
    }
    s->parent = parent;
    if (parent->last_sub)
        parent->last_sub->next = s;
    else
        parent->sub = s;
    parent->last_sub = s;
}

step *step_begin(step_log *log, step_kind kind, const char *rule, term before)
{
    if (!log)
        return NULL;
    step *s = arena_alloc(&log->mem, sizeof *s);
    if (!s)
        return NULL;
    s->kind = kind;
    s->rule = rule;
    s->before = before;
    attach(log, s);
    log->open = s;
    return s;
}

void step_bind(step *s, const char *name, term value)
{
    const unsigned room = sizeof s->bind / sizeof s->bind[0];
    if (!s || !value || s->bind_count >= room)
        return;
    s->bind[s->bind_count++] = (step_binding){name, value};
}

void step_end(step_log *log, step *s, term after)
{
    if (!log || !s)
        return;
    s->after = after;
    log->open = s->parent;
}

step *step_rewrite(step_log *log, const char *rule, term before, term after)
{
    step *s = step_begin(log, STEP_REWRITE, rule, before);
    step_end(log, s, after);
    return s;
}

/* Note [What a record holds]
 * D(t; x) is a DERIV node (t raw, as typed). f', g' are the results of the sub-steps. An ordinary rule
 * step has kind STEP_RULE, before = D(t; x), shown = its right side with the sub-steps' derivatives still
 * open (raw), after = the result. `cond` is set where the rule itself needs a condition. Where shown with
 * the results put in (and the inner function of a chain put back) differs from after, the last sub-step
 * is a rewrite "simplify" (STEP_COSMETIC) from that literal right side to after. Past 40 factors shown is
 * left out; past 400 open frames after stays a raw product.
 *
 *  key               bindings          sub-steps (role)                           after
 *  derivative        f                 STEP_CHAIN, always the root: notations     the answer
 *                                      of f, then the rule that applies, then
 *                                      rewrites (simplify, fold, raise), each
 *                                      starting from the last after; order n:
 *                                      one STEP_CHAIN "derivative" per order;
 *                                      last: alternatives
 *  alternative       method            (STEP_TASK, role alternative) the same     the same answer
 *                                      derivative by another first rule: one
 *                                      STEP_CHAIN "derivative"
 *  constant          c                 -                                          0
 *  identity          -                 -                                          1
 *  linear            a                 the same derivation rule by rule, every    a
 *                                      step tagged STEP_LINEAR (for atomic)
 *  sum               f                 one per term (term), constants too         sum of signed results
 *  constant-multiple c, f              D(f) (factor)                              c*f'
 *  bracket           c, f              D(f) (factor); none when [P] stands alone  c*f' (0)
 *  product           f, g, h, k        one per factor with x (factor)             sum over factors
 *  quotient          f, g              numerator, denominator                     (g*f' - f*g')/g^2
 *  power             n, u              (rewrite: 1/u and roots are powers)        n*u^(n-1)
 *  exp, exponential  a, u              - (u is the variable)                      e^u, a^u*ln(a)
 *  chain             f, g, inner;      outer: D(f(g); g), a leaf (a user          f'(u)*u'
 *                    inner_name (g)    function: unfold, with its own
 *                    := inner_is (u)   derivation); inner: D(u; x)
 *  general-power     u, v, w = v*ln(u) rewrite u^v = e^w; chain, or by method     u^v*w'
 *                                      "logarithmic" rewrite ln(y) = w; implicit
 *  <function>        f, u, value       u is the variable; functions with kinks:   f'(u)
 *                                      cases, kink
 *  total             f                 partial per argument (partial, a leaf),    sum of f_k*u_k'
 *                                      then D(u_k) (argument)
 *  extremum          f, u, v           argument each; cases                       derivative of the largest
 *  cases             f                 one per branch (branch)                    cases of results
 *  kink              p, l, r           - (REWRITE: nothing changes; cond: where)  as before
 *  unfold            N, body           D(body) (body)                             D(body)
 *  sum-index         j, f              D(body) (under), delta rewrites            sum of results
 *  product-index     j, f              D(body) (under)                            sums of products
 *  logsumexp         j, f              D(body) (under), delta; if the body is no  sum(e^s*s')/sum(e^s)
 *                                      element, D(e^body) (under): a chain
 *  rename-index      j, m              (REWRITE)                                  the same, other name
 *  entry             j, k, w           (gather)                                   [j == k] (products of)
 *  delta             j, k              (REWRITE) sum with bracket = one term      -
 *  gather            q, k              (REWRITE, nothing changes) a data index    -
 *  determinant       f, k, l           D(entry k,l) (entry)                       det*sum(inv[l,k]*d[k,l])
 *  log-determinant   f                 chain: outer ln, inner determinant         sum(inv[l,k]*d[k,l])
 *  inverse-matrix    f, k, l           D(entry k,l) (entry)                       -inv*d*inv
 *  recurrence        h, s, a           base rules and general rule, in order      element of s
 *  implicit          y, x              D(left), D(right)                          dy/dx
 *  gradient, hessian f                 partial per variable                       tuple
 *  partial           x, y              the derivative                             d/dx
 *  direction         f, v              gradient                                   grad . v
 *  elementwise       j, j2, ...        entries of a tuple, or D(body) of an       array, tuple of results
 *                                      array opened at these indices (entry)
 *  norm, trace,      matrix            (REWRITE, nothing changes) f in matrix     -
 *  matrix-product,                     notation: before is the part in indices,
 *  quadratic-form,                     binding matrix how it reads (a raw term
 *  elementwise                         over whole arrays; not to be evaluated)
 *  raise             matrix, k, l      (REWRITE, nothing changes) the answer      -
 *  limit-definition  f, h              rewrites expand, cancel, conjugate, limit  the limit
 * A repeated derivation: tag STEP_REPEAT, repeat_of the first, no sub-steps. */
