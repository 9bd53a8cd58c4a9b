/* Inverse, determinant and its logarithm in the exact domain.
 *
 * A matrix of rationals is worked in rationals while it is not large: only so a singular matrix is known to
 * be one. Otherwise in balls, where a determinant that may be 0 stays undecided. */
#include "eval/ball_impl.h"

enum { EXACT_SIZE = 16 };

static bpay *entry(const matrix *a, int64_t k) { return (bpay *)a->cell.pay + k; }

static bool all_rational(const matrix *a)
{
    if (a->size > EXACT_SIZE)
        return false;
    for (int64_t k = 0; k < a->size * a->size; k++)
        if (!entry(a, k)->rat)
            return false;
    return true;
}

static void put_determinant(machine *m, instance *in, uint32_t n, bool logarithm)
{
    bpay *v = pay_at(in, n);
    if (!logarithm) {
        in->st[n].kind = EV_NUM;
        return;
    }
    int s = ball_sign(m, &(state){.kind = EV_NUM}, v);
    if (s == 2) {
        unsure_set(m, in, n, in->p->node[n].t);
        return;
    }
    if (s <= 0) {
        strbuf b;
        strbuf_init(&b, m->ctx);
        in->st[n].kind = EV_NUM;
        m->dom->print(m, node_val(m, in, n), &b);
        fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN,
                  "logarithm of a determinant that is not positive (%s)", strbuf_str(&b));
        strbuf_clear(&b);
        return;
    }
    arb_log(&v->x, ball_of(m, v), m->prec);
    ball_finish(m, in, n, in->p->node[n].t);
}

static void singular(machine *m, instance *in, uint32_t n)
{
    fault_set(m, in, n, in->p->node[n].t, GRADUS_DOMAIN, "the matrix is singular: it has no inverse");
}

static void exact_matfn(machine *m, instance *in, uint32_t n, matrix *a, term_matfn f)
{
    slong size = (slong)a->size;
    fmpq_mat_t x;
    fmpq_mat_init(x, size, size);
    for (slong k = 0; k < size * size; k++)
        fmpq_set(fmpq_mat_entry(x, k / size, k % size), entry(a, k)->q);
    if (f == MATFN_INV) {
        in->st[n].kind = EV_NUM;
        if (!fmpq_mat_inv(x, x))
            singular(m, in, n);
        for (slong k = 0; in->st[n].kind == EV_NUM && k < size * size; k++) {
            bpay *v = entry(a, k);
            fmpq_set(v->q, fmpq_mat_entry(x, k / size, k % size));
            bpay_settle_q(v);
            if (!bpay_small(v->q)) {
                ball_of(m, v);
                v->rat = false;
            }
        }
    } else {
        bpay *v = pay_at(in, n);
        fmpq_mat_det(v->q, x);
        bpay_settle_q(v);
        put_determinant(m, in, n, f == MATFN_LOGDET);
    }
    fmpq_mat_clear(x);
}

static void inexact_matfn(machine *m, instance *in, uint32_t n, matrix *a, term_matfn f)
{
    slong size = (slong)a->size;
    arb_mat_t x;
    arb_mat_init(x, size, size);
    for (slong k = 0; k < size * size; k++)
        arb_set(arb_mat_entry(x, k / size, k % size), ball_of(m, entry(a, k)));
    if (f == MATFN_INV) {
        in->st[n].kind = EV_NUM;
        if (!arb_mat_inv(x, x, m->prec))
            unsure_set(m, in, n, in->p->node[n].t);
        for (slong k = 0; in->st[n].kind == EV_NUM && k < size * size; k++) {
            bpay *v = entry(a, k);
            arb_swap(&v->x, arb_mat_entry(x, k / size, k % size));
            bpay_settle(v);
        }
    } else {
        bpay *v = pay_at(in, n);
        arb_mat_det(&v->x, x, m->prec);
        ball_finish(m, in, n, in->p->node[n].t);
        if (in->st[n].kind == EV_NUM)
            put_determinant(m, in, n, f == MATFN_LOGDET);
    }
    arb_mat_clear(x);
}

void ball_matfn(machine *m, instance *in, uint32_t n, matrix *a)
{
    term_matfn f = (term_matfn)in->p->node[n].aux;
    if (all_rational(a))
        exact_matfn(m, in, n, a, f);
    else
        inexact_matfn(m, in, n, a, f);
}
