/* num: exact rationals, doubles that print and read back, and balls (rigorous enclosures).
 *
 * The libraries are FLINT (fmpz, fmpq) and Arb (arb, arf; in FLINT 3 the same library). This header is
 * the one place that knows which version is installed; all other rooms include num.h, never flint or arb
 * headers. Balls carry an outward-rounded radius: a ball that is the result of ball operations on balls
 * containing x contains f(x). A ball that "is NaN" says nothing.
 *
 * Ownership: fmpq_t, arb_t follow FLINT's init/clear; only strings are allocated on the context. */
#ifndef NUM_H
#define NUM_H

#include "base/base.h"

#if defined(GRADUS_FLINT3)
#include <flint/acb.h>
#include <flint/acb_elliptic.h>
#include <flint/acb_hypgeom.h>
#include <flint/acb_poly.h>
#include <flint/arb.h>
#include <flint/arb_hypgeom.h>
#include <flint/arb_mat.h>
#include <flint/arb_poly.h>
#include <flint/fmpq.h>
#include <flint/fmpq_mpoly.h>
#include <flint/fmpq_mat.h>
#else
#include <acb.h>
#include <acb_elliptic.h>
#include <acb_hypgeom.h>
#include <acb_poly.h>
#include <arb.h>
#include <arb_hypgeom.h>
#include <arb_mat.h>
#include <arb_poly.h>
#include <flint/fmpq.h>
#include <flint/fmpq_mpoly.h>
#include <flint/fmpq_mat.h>
#endif

/* Parses a decimal literal (digits, optional '.', optional exponent) of n bytes exactly: 0.1 is 1/10.
 * false when it is not one, or its exponent exceeds 100000 in size. */
bool num_parse_decimal(fmpq_t out, const char *s, size_t n);
/* "3", "-1/2"; appended. */
void num_print_fmpq(strbuf *b, const fmpq_t q);
/* The exact value of a finite double. */
void num_fmpq_set_double(fmpq_t out, double x);
/* Nearest double (ties to even); overflow gives an infinity. */
double num_fmpq_get_double(const fmpq_t q);
/* Stable hash. */
uint64_t num_fmpq_hash(const fmpq_t q);
/* out = q^e exactly when that is rational and at most max_bits long; false otherwise (out untouched).
 * q = 0 with e < 0 is false. A negative q with an even denominator of e is false. */
bool num_fmpq_pow(fmpq_t out, const fmpq_t q, const fmpq_t e, size_t max_bits);

/* Shortest decimal that reads back as x: "0.1", "1e-300", "3"; "nan", "inf", "-inf". Appended. */
void num_print_double(strbuf *b, double x);
/* Locale-independent; false when the n bytes are not wholly one number ("nan", "inf" accepted). */
bool num_parse_double(double *out, const char *s, size_t n);

/* The nearest double of every number in the ball, if there is one such double; false: not decided yet.
 * Subnormals and overflow included. */
bool num_arb_round_double(double *out, const arb_t x);
/* Up to `digits` significant decimal digits that are all proven (the last may be off by one unit): "3.14159";
 * fewer if the ball is wide. *proven receives how many are right; with none, "?" is appended (never a made-up
 * zero). */
void num_print_arb(strbuf *b, const arb_t x, long digits, long *proven);
/* Midpoint and radius in decimal, as {"mid","rad"} strings of `digits` digits; the radius is rounded up. */
void num_print_ball(strbuf *mid, strbuf *rad, const arb_t x, long digits);

#endif
