/* ball_impl: what the files of the exact domain share. See ball.c. */
#ifndef BALL_IMPL_H
#define BALL_IMPL_H

#include "eval/eval_impl.h"

enum { RAT_BITS = 320, SUM_GUARD = 24 };

typedef struct bpay {
    fmpq_t q;
    arb_struct x;
    bool rat, ball;
} bpay;

/* Accumulator of one reducer. */
typedef struct bacc {
    bpay value;          /* the sum so far, the greatest so far, ...               */
    term_red red;
    int64_t best, count; /* argmax: the index of the greatest; entries seen        */
    bool tie;            /* argmax: another entry may be as great                  */
    bool first;          /* nothing has been taken in yet                          */
    bool pinf, ninf;
} bacc;

static inline bpay *pay_at(const instance *in, uint32_t n) { return (bpay *)in->pay + n; }

static inline void bpay_init(bpay *v)
{
    fmpq_init(v->q);
    arb_init(&v->x);
    v->rat = v->ball = false;
}

static inline void bpay_clear(bpay *v)
{
    fmpq_clear(v->q);
    arb_clear(&v->x);
}

static inline arb_struct *ball_of(const machine *m, bpay *v)
{
    if (!v->ball) {
        arb_set_fmpq(&v->x, v->q, m->prec);
        v->ball = true;
    }
    return &v->x;
}

static inline bool bpay_small(const fmpq_t q) { return fmpq_height_bits(q) <= RAT_BITS; }

static inline void set_inf(instance *in, uint32_t n, bool negative)
{
    in->st[n].kind = negative ? EV_NINF : EV_PINF;
}

/* v->x, v->q has been set. */
void bpay_settle(bpay *v);
void bpay_settle_q(bpay *v);
void bpay_copy(void *to, const void *from);
/* Node n has the ball in its payload; NaN and infinite balls say nothing: `blame` is undecided. */
void ball_finish(machine *m, instance *in, uint32_t n, term blame);
/* Sign of an operand: 1, -1, 0 exactly, 2 undecided. */
int ball_sign(const machine *m, const state *st, bpay *v);
/* -1, 0, 1: decided; 2: not. Infinities compare too. */
int ball_compare(machine *m, const state *sa, bpay *a, const state *sb, bpay *b);
void ball_set_long(val v, int64_t k);

/* ball_power.c */
void ball_product(machine *m, instance *in, uint32_t n);
void ball_power(machine *m, instance *in, uint32_t n);

/* ball_reduce.c */
bool ball_reduce_start(machine *m, uint32_t loop, term_red r);
reduce_go ball_reduce_add(machine *m, instance *in, uint32_t n, uint32_t loop, val body, int64_t index);
void ball_reduce_end(machine *m, instance *in, uint32_t n, uint32_t loop, int64_t count);
void ball_reduce_clear(machine *m);

/* ball_matrix.c */
void ball_matfn(machine *m, instance *in, uint32_t n, matrix *a);

#endif
