/* An allocator for tests: it counts, checks the old sizes it is told, and refuses on request.
 *
 *     refusing r = {.nth = 3};                    the third allocation fails, the others succeed
 *     gradus_ctx *ctx = ctx_new(refusing_alloc, &r);
 *     ... ctx_free(ctx);
 *     assert r.live == 0 && r.wrong == 0                                                       */
#ifndef TESTS_REFUSING_H
#define TESTS_REFUSING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct refusing {
    size_t nth;     /* refuse the nth request (first is 1); 0: none           */
    bool every;     /* refuse each request whose number is a multiple of nth  */
    bool onwards;   /* refuse the nth and all that follow                     */
    size_t limit;   /* refuse what would bring `live` above this; 0: none     */
    size_t calls;   /* requests for memory so far                             */
    size_t refused;
    size_t live;    /* bytes handed out and not taken back                    */
    size_t wrong;   /* frees and growths that told a wrong old size           */
} refusing;

void *refusing_alloc(void *user, void *p, size_t old_size, size_t new_size);

#endif
