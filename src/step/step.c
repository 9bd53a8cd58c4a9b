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
    vec_clear(log->ctx, &log->by_before);
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
 * D(t; x) is a DERIV node (t raw, as typed). f', g' are the results of the sub-steps. An ordinary rule step has kind
 * STEP_RULE, before = D(t; x), shown = its right side with the sub-steps' derivatives still open (raw), after = the
 * result. `cond` is set where the rule itself needs a condition.
 *
 *  key               bindings          sub-steps (role)                           after
 *  derivative        f                 STEP_CHAIN, always the root: the rule      the answer
 *                                      that applies, then rewrites (simplify,
 *                                      fold ...) each starting from the last
 *                                      after; order n: one STEP_CHAIN
 *                                      "derivative" per order; alternatives:
 *                                      STEP_TASK "alternative" (role alternative)
 *  constant          c                 -                                          0
 *  identity          -                 -                                          1
 *  linear            a, b, f           the same derivation rule by rule, every    a
 *                                      step tagged STEP_LINEAR (for atomic)
 *  sum               f                 one per term (term)                        sum of signed results
 *  constant-multiple c, f              D(f) (factor)                              c*f'
 *  bracket           c, f              D(f) (factor); none when [P] stands alone  c*f' (0)
 *  product           f, g (, h)        one per factor with x (factor)             sum over factors
 *  quotient          f, g              numerator, denominator                     (g*f' - f*g')/g^2
 *  power             n, u              - (u is the variable)                      n*u^(n-1)
 *  exp, exponential  a, u              - (u is the variable)                      e^u, a^u*ln(a)
 *  chain             f, g; inner_name  outer: D(f(g); g), a leaf; inner: D(u; x)  f'(u)*u'
 *                    (g) := inner_is
 *  general-power     u, v, w = v*ln(u) rewrite u^v = e^w; chain                   u^v*w'
 *  <function>        u                 - (u is the variable); functions with      f'(u)
 *                                      kinks: cases, kink
 *  total             f                 partial per argument (partial, a leaf),    sum of f_k*u_k'
 *                                      then D(u_k) (argument)
 *  extremum          f, u, v           argument each; cases                       derivative of the largest
 *  cases             f                 one per branch (branch)                    cases of results
 *  kink              p, l, r           - (REWRITE: nothing changes; cond: where)  as before
 *  unfold            N, body           (REWRITE) N = body, then D(body) (body)    D(body)
 *  sum-index         j, f              D(body) (under), delta rewrites            sum of results
 *  product-index     j, f              D(body) (under)                            sum of leave-one-out products
 *  logsumexp         j, f              D(body) (under), delta                     sum(e^s*s')/sum(e^s)
 *  rename-index      j, m              (REWRITE)                                  the same, other name
 *  entry             j, k              -                                          [j == k] (products of)
 *  delta             j, k              (REWRITE) sum with bracket = one term      -
 *  gather            q, k              (REWRITE, nothing changes) a data index    -
 *  determinant       f                 D(entry k,l) (entry)                       det*sum(inv[l,k]*d[k,l])
 *  log-determinant   f                 chain: outer ln, inner determinant         sum(inv[l,k]*d[k,l])
 *  inverse-matrix    f                 D(entry k,l) (entry)                       -sum(inv[i,k]*d[k,l]*inv[l,j])
 *  recurrence        h, s              base rules and general rule (rule)         element of the new recurrence s
 *  implicit          y                 D(left), D(right) (side)                   dy/dx
 *  gradient, hessian f                 partial per variable (partial)             tuple
 *  partial           y, others         the derivative (body)                      d/dx
 *  direction         f                 gradient; then the product with v          grad . v
 *  limit-definition  f, h              rewrites expand, cancel, conjugate, limit  the limit
 * A variable of a repeated derivation: tag STEP_REPEAT, repeat_of the first, no sub-steps. */
