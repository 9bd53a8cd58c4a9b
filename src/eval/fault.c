/* Values that do not exist, and why: the smallest sub-term to blame, in plain words. */
#include "eval/eval_impl.h"

#include <stdio.h>

enum { MAX_FAULTS = 200 }; /* one is reported; loops under brackets may meet many */

void fault_state(machine *m, state *st, term what, gradus_status code, const char *fmt, ...)
{
    if (m->faults.n < MAX_FAULTS) {
        strbuf b;
        va_list ap;
        strbuf_init(&b, m->ctx);
        va_start(ap, fmt);
        strbuf_vprintf(&b, fmt, ap);
        va_end(ap);
        fault_record f = {what, code, arena_copy(&m->mem, strbuf_str(&b), b.n + 1)};
        strbuf_clear(&b);
        (void)vec_push(m->ctx, &m->faults, f);
    }
    st->kind = EV_UNDEF;
    st->strong = STRONG_NO;
    st->culprit = m->faults.n ? (uint32_t)m->faults.n - 1 : 0;
}

/* What stands in node n as it is at this moment: indices of running loops and formals of a rule as numbers,
 * the rest as written. */
term fault_place(machine *m, const instance *in, uint32_t n, term what)
{
    enum { MOST = 8 };
    term from[MOST], to[MOST];
    uint32_t count = 0;
    const prog *p = in->p;
    if (p->node[n].mask == 0 || m->faults.n >= MAX_FAULTS || what == TERM_NONE)
        return what;
    for (uint32_t i = 0; i < p->n && count < MOST; i++) {
        const pnode *e = &p->node[i];
        bool formal = e->op == OP_SYM && e->slot == SLOT_FORMAL;
        if (!(formal || e->op == OP_BOUND) || !(e->mask & p->node[n].mask))
            continue;
        from[count] = e->t;
        to[count++] = term_int(m->ctx, (long)(formal ? in->formal[e->user] : in->level[e->aux]));
    }
    term shown = term_raw_subst(m->ctx, what, from, to, count);
    return shown ? shown : what;
}

void unsure_set(machine *m, instance *in, uint32_t n, term what)
{
    (void)m;
    state *st = &in->st[n];
    st->kind = EV_UNSURE;
    st->strong = STRONG_NO;
    st->culprit = what;
}

static void print_node(machine *m, const instance *in, uint32_t n, strbuf *b)
{
    val v = node_val(m, in, n);
    if (v.st->kind == EV_PINF || v.st->kind == EV_NINF)
        strbuf_add(b, v.st->kind == EV_PINF ? "inf" : "-inf");
    else
        m->dom->print(m, v, b);
}

/* ---- functions --------------------------------------------------------------------------------------- */

/* Copies a domain formula with "its argument" for u where there is one argument. */
static void print_domain(strbuf *b, const fn_row *row)
{
    for (const char *s = row->domain; *s; s++) {
        bool word = (s > row->domain && (s[-1] == '_' || (s[-1] >= 'a' && s[-1] <= 'z'))) ||
                    (s[1] >= 'a' && s[1] <= 'z') || s[1] == '(' || s[1] == '_';
        const char *ordinal = NULL;
        if (!word)
            ordinal = *s == 'u' ? (row->arity == 1 ? "the argument" : "the first argument")
                      : *s == 'v' ? "the second argument" : *s == 'w' ? "the third argument" : NULL;
        if (ordinal)
            strbuf_add(b, ordinal);
        else
            strbuf_addc(b, *s);
    }
}

void fault_domain(machine *m, instance *in, uint32_t n)
{
    const pnode *e = &in->p->node[n];
    const fn_row *row = fn_get((fn_id)e->user);
    strbuf args, why;
    strbuf_init(&args, m->ctx), strbuf_init(&why, m->ctx);
    for (uint32_t i = 0; i < e->count; i++) {
        if (i > 0)
            strbuf_add(&args, ", ");
        print_node(m, in, in->p->arg[e->first + i].node, &args);
    }
    const char *list = strbuf_str(&args);
    if (strcmp(row->domain, "u > 0") == 0)
        strbuf_printf(&why, "%s of %s, which is not positive", row->name, list);
    else if (strcmp(row->domain, "u >= 0") == 0)
        strbuf_printf(&why, "%s of %s, which is negative", row->name, list);
    else if (e->count == 1)
        strbuf_printf(&why, "%s of %s", row->name, list);
    else
        strbuf_printf(&why, "%s(%s)", row->name, list);
    if (*row->domain && strcmp(row->domain, "u > 0") && strcmp(row->domain, "u >= 0")) {
        strbuf_add(&why, " does not exist: it needs ");
        print_domain(&why, row);
    } else if (!*row->domain)
        strbuf_add(&why, " does not exist");
    fault_set(m, in, n, e->t, GRADUS_DOMAIN, "%s", strbuf_str(&why));
    strbuf_clear(&args), strbuf_clear(&why);
}

/* ---- powers ------------------------------------------------------------------------------------------ */

/* The factor itself, where the product has others. */
static term factor_term(machine *m, const instance *in, uint32_t n, const parg *f)
{
    const pnode *e = &in->p->node[n];
    if (e->count == 1 || (term_get_flags(m->ctx, e->t) & TF_RAW))
        return e->t;
    term base = in->p->node[f->node].t, exponent = in->p->node[f->num].t;
    term t = term_powprod(m->ctx, &base, &exponent, 1);
    return t ? t : e->t;
}

void fault_division(machine *m, instance *in, uint32_t n, const parg *f)
{
    fault_set(m, in, n, factor_term(m, in, n, f), GRADUS_DOMAIN, "division by 0");
}

void fault_root(machine *m, instance *in, uint32_t n, const parg *f)
{
    strbuf b;
    strbuf_init(&b, m->ctx);
    print_node(m, in, f->node, &b);
    if (f->kind == PARG_HALF && (f->k == 1 || f->k == -1))
        fault_set(m, in, n, factor_term(m, in, n, f), GRADUS_DOMAIN, "square root of a negative number (%s)",
                  strbuf_str(&b));
    else
        fault_set(m, in, n, factor_term(m, in, n, f), GRADUS_DOMAIN,
                  "a power of a negative number (%s) whose exponent is not an integer", strbuf_str(&b));
    strbuf_clear(&b);
}

/* ---- the report -------------------------------------------------------------------------------------- */

eval_problem fault_report(machine *m, const state *st)
{
    eval_problem p = {GRADUS_UNABLE, TERM_NONE, NULL};
    if (st->kind == EV_UNDEF && st->culprit < m->faults.n) {
        const fault_record *f = &m->faults.at[st->culprit];
        p.code = f->code;
        p.what = f->what;
        p.why = arena_printf(&m->ctx->diag_arena, "%s", f->why ? f->why : "no value exists");
    } else {
        p.what = st->kind == EV_UNSURE ? st->culprit : TERM_NONE;
        bool cond = p.what && (term_get_flags(m->ctx, p.what) & TF_COND);
        p.why = arena_printf(&m->ctx->diag_arena,
                             cond ? "%ld bits do not decide whether this holds"
                                  : "%ld bits do not decide whether this has a value, or which",
                             (long)m->prec);
    }
    return p;
}
