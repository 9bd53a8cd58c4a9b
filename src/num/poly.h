/* poly: polynomials in several variables with integer coefficients (FLINT's fmpz_mpoly), apart from num.h
 * because few files need them. Ownership as in FLINT: init/clear within a ring (fmpz_mpoly_ctx). */
#ifndef POLY_H
#define POLY_H

#include "num/num.h"

#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>

#endif
