/*
 * pattern_generation.h - a spiking network, compiled by epropc.
 *
 * 20 spiking inputs, 600 LIF neurons (lif), 3 leaky readouts. It goes on learning on the device, by
 * e-prop 1: eligibility traces times broadcast learning signals.
 *
 *     static pattern_generation_net net;             about 1252 KiB: not on a stack
 *     pattern_generation_init(&net);
 *     for each trial:
 *         pattern_generation_reset(&net);
 *         for each step:
 *             pattern_generation_step(&net, spikes, count);
 *             pattern_generation_learn(&net, target);
 *         pattern_generation_update(&net);
 *
 * The caller owns the memory: no globals, no heap, no pointers inside, so a network may be copied,
 * and several may run side by side. Nothing here needs a C library. Same plan, same input: same
 * bits, on every machine.
 */
#ifndef PATTERN_GENERATION_H
#define PATTERN_GENERATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sizes and versions ---------------------------------------------------------------------- */

#define PATTERN_GENERATION_ABI 2            /* changes when this interface does */
#define PATTERN_GENERATION_IMAGE_VERSION 2  /* changes when the format of saved images does */
#define PATTERN_GENERATION_PLAN UINT64_C(0x961E2B6F6F4EAA8F) /* same plan, same bits */

#define PATTERN_GENERATION_INPUTS 20U       /*  */
#define PATTERN_GENERATION_NEURONS 600U     /*  */
#define PATTERN_GENERATION_OUTPUTS 3U       /*  */
#define PATTERN_GENERATION_STEPS 1000U      /* longest trial that can be learnt from */
#define PATTERN_GENERATION_READOUT_FRACTION 19 /* a readout is an integer times 2^-19 */
#define PATTERN_GENERATION_BLOCK 1000U      /* steps that are learnt from at a time */
#define PATTERN_GENERATION_INPUT_CAPACITY 2080U /* input events that a block may have */
#define PATTERN_GENERATION_SPIKE_CAPACITY 62400U /* spikes that a block may have */
#define PATTERN_GENERATION_TILE 8U          /* neurons that are learnt for at a time */
#define PATTERN_GENERATION_IMAGE_BYTES UINT32_C(383556) /* size of a saved image */

/* ---- The network ----------------------------------------------------------------------------- */

/*
 * All memory of one network. Small members come first, then arrays in the order of their alignment,
 * so that every ABI gives the same size; what each is for is beside it. Read y and spikes freely;
 * leave the writing to the functions.
 */
typedef struct pattern_generation_net {
    uint32_t origin;                        /* steps since reset at which t was 0, modulo 2^32 */
    uint32_t centre;                        /* what such a sum begins with */
    uint32_t outside;                       /* bits of such sums that are out of range */
    uint32_t turn;                          /* of rounding thresholds in this update */
    uint32_t limit;                         /* their largest steps */
    uint32_t updates;                       /* updates so far */
    uint32_t skipped;                       /* trials that were spoilt */
    uint32_t schedule;                      /* factor of the learning rate, Q16 */
    uint32_t share;                         /* of this update in the means, Q16 */
    uint8_t exponent[4U];                   /* of the gradients behind the means: one per projection, one for the bias */
    uint16_t spike_end[1U];                 /* end of each population's part of spikes */
    uint16_t t;                             /* steps since step `origin` */
    uint16_t recorded;                      /* steps in the record */
    uint16_t piece;                         /* what of an update is next; 0: none is under way */
    uint16_t tile;                          /* first neuron of the tile that is next */
    uint8_t sums;                           /* gradients are summed from: 1 deltas below 2^10, 0 larger ones, 2 errors */
    uint8_t few;                            /* deltas that may be summed two to a word */
    uint8_t width;                          /* neurons of the tile that is learnt */
    uint8_t drop;                           /* bits to be cut off the gradients in g */
    uint8_t recording;                      /* 1 until the trial is spoilt or learnt from */
    uint8_t spoilt;                         /* 1: the record overflowed or the trial is too long */
    int32_t g[8U];                          /* gradients of a source's synapses onto a tile */
    uint32_t factor[8U];                    /* postsynaptic factors of their steps */
    uint32_t square[8U];                    /* sums of their squares in this update */
    uint16_t row_factor_input[20U];         /* presynaptic factor of a step */
    uint32_t row_input[20U];                /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_input[20U];            /* sum of squares in this update */
    uint8_t row_shift_recurrent[600U];      /* and its exponent */
    uint8_t row_shift_output[600U];         /* and its exponent */
    int16_t v[600U];                        /* membrane potentials, after any reset */
    uint16_t ready[600U];                   /* first step at which the neuron may fire again */
    uint16_t spikes[600U];                  /* neurons that fired in the last step, ascending */
    uint16_t row_factor_recurrent[600U];    /* presynaptic factor of a step */
    uint16_t row_factor_output[600U];       /* presynaptic factor of a step */
    int8_t w_output[1800U];                 /* weights, [pre][post] */
    uint16_t input_end[1000U];              /* end of each step's part of input_events */
    uint8_t input_events[2080U];            /* input events of the block */
    int32_t acc[600U];                      /* sums of arriving weights */
    uint32_t col_input[600U];               /* the same per postsynaptic neuron */
    uint32_t row_recurrent[600U];           /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t col_recurrent[600U];           /* the same per postsynaptic neuron */
    uint32_t row_sum_recurrent[600U];       /* sum of squares in this update */
    uint32_t row_output[600U];              /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_output[600U];          /* sum of squares in this update */
    uint16_t input_times[2080U];            /* their steps, by source */
    int16_t error[3000U];                   /* errors of the block, then filtered */
    int8_t w_input[12000U];                 /* weights, [pre][post] */
    uint16_t delta[8008U];                  /* worth of an arrival to each neuron of a tile, + 2^10 */
    uint16_t record[62400U];                /* spikes of the block */
    uint16_t record_times[62400U];          /* their steps + 1, by neuron */
    int8_t w_recurrent[UINT32_C(360000)];   /* weights, [pre][post] */
    uint8_t psi[UINT32_C(600600)];          /* surrogate derivatives of the block; of other steps */
    int32_t y[3U];                          /* readouts */
    int32_t bias[3U];                       /* their bias, in y's format */
    uint32_t col_output[3U];                /* the same per postsynaptic neuron */
    uint32_t var_bias[3U];                  /* mean square of the bias's gradient, Q8 */
    uint32_t mean[3U];                      /* mean square of each projection's gradients */
    uint8_t row_shift_input[20U];           /* and its exponent */
    uint16_t input_start[21U];              /* the same, by source */
    uint16_t record_start[601U];            /* record_end, by neuron */
    uint16_t record_end[1001U];             /* end of each step's part of record; [0]: before it */
    uint8_t padding[2];
} pattern_generation_net;

/*
 * What a function that can fail says. Negative: nothing was changed (but see
 * pattern_generation_update).
 */
typedef enum pattern_generation_status {
    PATTERN_GENERATION_OK = 0,              /* done */
    PATTERN_GENERATION_NOTHING_RECORDED = -1, /* no step since reset, or already learnt from */
    PATTERN_GENERATION_SPOILT = -2,         /* the trial was too long or too busy for the record */
    PATTERN_GENERATION_IMAGE_SIZE = -3,     /* not as long as an image of this network */
    PATTERN_GENERATION_IMAGE_FORMAT = -4,   /* not an image, or of another format version */
    PATTERN_GENERATION_IMAGE_PLAN = -5,     /* an image of another network or plan */
    PATTERN_GENERATION_IMAGE_DAMAGED = -6,  /* the checksum is wrong */
    PATTERN_GENERATION_UPDATING = -7,       /* pieces of an update are left */
    PATTERN_GENERATION_MORE = 1             /* pieces of an update are left to do */
} pattern_generation_status;

/* ---- Functions ------------------------------------------------------------------------------- */

/* Makes a network with the weights that it was compiled with. */
void pattern_generation_init(pattern_generation_net *net);

/* Begins a trial: potentials, readouts and the record are cleared; weights are kept. */
void pattern_generation_reset(pattern_generation_net *net);

/*
 * One time step of 1.0 ms. The inputs that spike now are listed, each once, in any order; numbers
 * from PATTERN_GENERATION_INPUTS on are ignored.
 */
void pattern_generation_step(pattern_generation_net *net, const uint16_t *spikes, uint16_t count);

/*
 * The readouts after the last step, PATTERN_GENERATION_OUTPUTS of them, each an integer times
 * 2^-19.
 */
const int32_t *pattern_generation_readout(const pattern_generation_net *net);

/* The membrane potential of neuron j after the last step and any reset; a threshold is 256. */
int16_t pattern_generation_potential(const pattern_generation_net *net, uint16_t j);

/*
 * Says what the readouts should have been after the last step: the readouts wanted, in their
 * format. NULL (or no call): this step does not count. Costs O(outputs); all learning is in
 * pattern_generation_update.
 */
void pattern_generation_learn(pattern_generation_net *net, const int32_t *target);

/*
 * Ends the trial and learns from it. PATTERN_GENERATION_NOTHING_RECORDED: there was none.
 * PATTERN_GENERATION_SPOILT: it was too long or had more events than the record holds, so it was
 * skipped, and counted in skipped. Until the next reset, steps only infer.
 */
pattern_generation_status pattern_generation_update(pattern_generation_net *net);

/*
 * The same in pieces, so that no call takes long: pattern_generation_update_begin says what
 * pattern_generation_update would, and leaves all work to pattern_generation_update_slice, which
 * does up to `budget` pieces: PATTERN_GENERATION_OK when none is left, else
 * PATTERN_GENERATION_MORE. A piece is a backward sweep or the columns of one projection, for
 * PATTERN_GENERATION_TILE neurons. However it is cut, the same is learnt, bit for bit. Between the
 * pieces after pattern_generation_update_begin the network may step: it infers, with weights of
 * which some are old and some new, and nothing is recorded. pattern_generation_reset first does
 * what is left; pattern_generation_save is refused; pattern_generation_load drops it;
 * pattern_generation_learn does nothing.
 */
pattern_generation_status pattern_generation_update_begin(pattern_generation_net *net);
pattern_generation_status pattern_generation_update_slice(pattern_generation_net *net, uint16_t budget);

/*
 * Writes what was learnt (PATTERN_GENERATION_IMAGE_BYTES bytes); call it between trials.
 * PATTERN_GENERATION_UPDATING: pieces of an update are left, nothing is written.
 */
pattern_generation_status pattern_generation_save(const pattern_generation_net *net, uint8_t *image);

/*
 * Takes up where an image was saved, bit for bit, and begins a trial. A truncated, foreign or
 * damaged image is refused and changes nothing.
 */
pattern_generation_status pattern_generation_load(pattern_generation_net *net, const uint8_t *image, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
