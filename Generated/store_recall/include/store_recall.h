/*
 * store_recall.h - a spiking network, compiled by epropc.
 *
 * 100 spiking inputs, 10 LIF neurons (lif), 10 adaptive LIF neurons (alif), 2 leaky readouts. It
 * goes on learning on the device, by e-prop 1: eligibility traces times broadcast learning signals.
 *
 *     static store_recall_net net;             about 196 KiB: not on a stack
 *     store_recall_init(&net);
 *     for each trial:
 *         store_recall_reset(&net);
 *         for each step:
 *             store_recall_step(&net, spikes, count);
 *             store_recall_learn(&net, target);
 *         store_recall_update(&net);
 *
 * The caller owns the memory: no globals, no heap, no pointers inside, so a network may be copied,
 * and several may run side by side. Nothing here needs a C library. Same plan, same input: same
 * bits, on every machine.
 */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sizes and versions ---------------------------------------------------------------------- */

#define STORE_RECALL_ABI 2                  /* changes when this interface does */
#define STORE_RECALL_IMAGE_VERSION 2        /* changes when the format of saved images does */
#define STORE_RECALL_PLAN UINT64_C(0x8F0105CF19F8138E) /* same plan, same bits */

#define STORE_RECALL_INPUTS 100U            /*  */
#define STORE_RECALL_NEURONS 20U            /*  */
#define STORE_RECALL_OUTPUTS 2U             /*  */
#define STORE_RECALL_STEPS 2400U            /* longest trial that can be learnt from */
#define STORE_RECALL_READOUT_FRACTION 19    /* a readout is an integer times 2^-19 */
#define STORE_RECALL_BLOCK 2400U            /* steps that are learnt from at a time */
#define STORE_RECALL_INPUT_CAPACITY 24400U  /* input events that a block may have */
#define STORE_RECALL_SPIKE_CAPACITY 4880U   /* spikes that a block may have */
#define STORE_RECALL_TILE 8U                /* neurons that are learnt for at a time */
#define STORE_RECALL_IMAGE_BYTES 3797U      /* size of a saved image */

/* ---- The network ----------------------------------------------------------------------------- */

/*
 * All memory of one network. Small members come first, then arrays in the order of their alignment,
 * so that every ABI gives the same size; what each is for is beside it. Read y and spikes freely;
 * leave the writing to the functions.
 */
typedef struct store_recall_net {
    uint32_t origin;                        /* steps since reset at which t was 0, modulo 2^32 */
    uint32_t centre;                        /* what such a sum begins with */
    uint32_t outside;                       /* bits of such sums that are out of range */
    uint32_t turn;                          /* of rounding thresholds in this update */
    uint32_t limit;                         /* their largest steps */
    uint32_t updates;                       /* updates so far */
    uint32_t skipped;                       /* trials that were spoilt */
    uint32_t schedule;                      /* factor of the learning rate, Q16 */
    uint32_t share;                         /* of this update in the means, Q16 */
    uint16_t spike_end[2U];                 /* end of each population's part of spikes */
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
    uint8_t gap[2U];                        /* arrays begin at a multiple of 8 */
    int32_t y[2U];                          /* readouts */
    int32_t bias[2U];                       /* their bias, in y's format */
    uint32_t col_lif_to_value[2U];          /* the same per postsynaptic neuron */
    uint32_t col_alif_to_value[2U];         /* the same per postsynaptic neuron */
    uint32_t var_bias[2U];                  /* mean square of the bias's gradient, Q8 */
    int32_t g[8U];                          /* gradients of a source's synapses onto a tile */
    uint32_t factor[8U];                    /* postsynaptic factors of their steps */
    uint32_t square[8U];                    /* sums of their squares in this update */
    uint32_t mean[8U];                      /* mean square of each projection's gradients */
    int32_t raise_alif[10U];                /* what adaptation adds to the threshold */
    int16_t acc[20U];                       /* sums of arriving weights */
    int16_t v[20U];                         /* membrane potentials, after any reset */
    uint16_t ready[20U];                    /* first step at which the neuron may fire again */
    uint16_t spikes[20U];                   /* neurons that fired in the last step, ascending */
    uint32_t col_input_to_lif[10U];         /* the same per postsynaptic neuron */
    uint32_t row_lif_to_lif[10U];           /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t col_lif_to_lif[10U];           /* the same per postsynaptic neuron */
    uint32_t row_sum_lif_to_lif[10U];       /* sum of squares in this update */
    uint32_t row_alif_to_lif[10U];          /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t col_alif_to_lif[10U];          /* the same per postsynaptic neuron */
    uint32_t row_sum_alif_to_lif[10U];      /* sum of squares in this update */
    uint32_t col_input_to_alif[10U];        /* the same per postsynaptic neuron */
    uint32_t row_lif_to_alif[10U];          /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t col_lif_to_alif[10U];          /* the same per postsynaptic neuron */
    uint32_t row_sum_lif_to_alif[10U];      /* sum of squares in this update */
    uint32_t row_alif_to_alif[10U];         /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t col_alif_to_alif[10U];         /* the same per postsynaptic neuron */
    uint32_t row_sum_alif_to_alif[10U];     /* sum of squares in this update */
    uint32_t row_lif_to_value[10U];         /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_lif_to_value[10U];     /* sum of squares in this update */
    uint32_t row_alif_to_value[10U];        /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_alif_to_value[10U];    /* sum of squares in this update */
    uint16_t row_factor_input_to_lif[100U]; /* presynaptic factor of a step */
    uint16_t row_factor_input_to_alif[100U]; /* presynaptic factor of a step */
    uint32_t row_input_to_lif[100U];        /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_input_to_lif[100U];    /* sum of squares in this update */
    uint32_t row_input_to_alif[100U];       /* mean square of the gradients per presynaptic neuron, Q8 */
    uint32_t row_sum_input_to_alif[100U];   /* sum of squares in this update */
    int8_t w_input_to_lif[1000U];           /* weights, [pre][post] */
    int8_t w_input_to_alif[1000U];          /* weights, [pre][post] */
    uint16_t input_end[2400U];              /* end of each step's part of input_events */
    uint8_t record[4880U];                  /* spikes of the block */
    int16_t error[4800U];                   /* errors of the block, then filtered */
    uint16_t record_times[4880U];           /* their steps + 1, by neuron */
    uint8_t input_events[24400U];           /* input events of the block */
    uint16_t delta[19208U];                 /* worth of an arrival to each neuron of a tile, + 2^10 */
    uint16_t input_times[24400U];           /* their steps, by source */
    int8_t w_lif_to_value[20U];             /* weights, [pre][post] */
    int8_t w_alif_to_value[20U];            /* weights, [pre][post] */
    uint16_t row_factor_lif_to_lif[10U];    /* presynaptic factor of a step */
    uint16_t row_factor_alif_to_lif[10U];   /* presynaptic factor of a step */
    uint16_t row_factor_lif_to_alif[10U];   /* presynaptic factor of a step */
    uint16_t row_factor_alif_to_alif[10U];  /* presynaptic factor of a step */
    uint16_t row_factor_lif_to_value[10U];  /* presynaptic factor of a step */
    uint16_t row_factor_alif_to_value[10U]; /* presynaptic factor of a step */
    int8_t w_lif_to_lif[100U];              /* weights, [pre][post] */
    int8_t w_alif_to_lif[100U];             /* weights, [pre][post] */
    int8_t w_lif_to_alif[100U];             /* weights, [pre][post] */
    int8_t w_alif_to_alif[100U];            /* weights, [pre][post] */
    uint8_t row_shift_input_to_lif[100U];   /* and its exponent */
    uint8_t row_shift_input_to_alif[100U];  /* and its exponent */
    uint8_t psi[48020U];                    /* surrogate derivatives of the block; of other steps */
    uint8_t row_shift_lif_to_lif[10U];      /* and its exponent */
    uint8_t row_shift_alif_to_lif[10U];     /* and its exponent */
    uint8_t row_shift_lif_to_alif[10U];     /* and its exponent */
    uint8_t row_shift_alif_to_alif[10U];    /* and its exponent */
    uint8_t row_shift_lif_to_value[10U];    /* and its exponent */
    uint8_t row_shift_alif_to_value[10U];   /* and its exponent */
    uint16_t record_start[21U];             /* record_end, by neuron */
    uint16_t input_start[101U];             /* the same, by source */
    uint16_t record_end[2401U];             /* end of each step's part of record; [0]: before it */
    uint8_t exponent[9U];                   /* of the gradients behind the means: one per projection, one for the bias */
    uint8_t padding[1];
} store_recall_net;

/*
 * What a function that can fail says. Negative: nothing was changed (but see store_recall_update).
 */
typedef enum store_recall_status {
    STORE_RECALL_OK = 0,                    /* done */
    STORE_RECALL_NOTHING_RECORDED = -1,     /* no step since reset, or already learnt from */
    STORE_RECALL_SPOILT = -2,               /* the trial was too long or too busy for the record */
    STORE_RECALL_IMAGE_SIZE = -3,           /* not as long as an image of this network */
    STORE_RECALL_IMAGE_FORMAT = -4,         /* not an image, or of another format version */
    STORE_RECALL_IMAGE_PLAN = -5,           /* an image of another network or plan */
    STORE_RECALL_IMAGE_DAMAGED = -6,        /* the checksum is wrong */
    STORE_RECALL_UPDATING = -7,             /* pieces of an update are left */
    STORE_RECALL_MORE = 1                   /* pieces of an update are left to do */
} store_recall_status;

/* ---- Functions ------------------------------------------------------------------------------- */

/* Makes a network with the weights that it was compiled with. */
void store_recall_init(store_recall_net *net);

/* Begins a trial: potentials, readouts and the record are cleared; weights are kept. */
void store_recall_reset(store_recall_net *net);

/*
 * One time step of 1.0 ms. The inputs that spike now are listed, each once, in any order; numbers
 * from STORE_RECALL_INPUTS on are ignored.
 */
void store_recall_step(store_recall_net *net, const uint16_t *spikes, uint16_t count);

/* The readouts after the last step, STORE_RECALL_OUTPUTS of them, each an integer times 2^-19. */
const int32_t *store_recall_readout(const store_recall_net *net);

/* The membrane potential of neuron j after the last step and any reset; a threshold is 256. */
int16_t store_recall_potential(const store_recall_net *net, uint16_t j);

/*
 * Says what the readouts should have been after the last step: the probabilities wanted, times
 * 32768 (one-hot: 32768 for the class). NULL (or no call): this step does not count. Costs
 * O(outputs); all learning is in store_recall_update.
 */
void store_recall_learn(store_recall_net *net, const int32_t *target);

/*
 * Ends the trial and learns from it. STORE_RECALL_NOTHING_RECORDED: there was none.
 * STORE_RECALL_SPOILT: it was too long or had more events than the record holds, so it was skipped,
 * and counted in skipped. Until the next reset, steps only infer.
 */
store_recall_status store_recall_update(store_recall_net *net);

/*
 * The same in pieces, so that no call takes long: store_recall_update_begin says what
 * store_recall_update would, and leaves all work to store_recall_update_slice, which does up to
 * `budget` pieces: STORE_RECALL_OK when none is left, else STORE_RECALL_MORE. A piece is a backward
 * sweep or the columns of one projection, for STORE_RECALL_TILE neurons. However it is cut, the
 * same is learnt, bit for bit. Between the pieces after store_recall_update_begin the network may
 * step: it infers, with weights of which some are old and some new, and nothing is recorded.
 * store_recall_reset first does what is left; store_recall_save is refused; store_recall_load drops
 * it; store_recall_learn does nothing.
 */
store_recall_status store_recall_update_begin(store_recall_net *net);
store_recall_status store_recall_update_slice(store_recall_net *net, uint16_t budget);

/*
 * Writes what was learnt (STORE_RECALL_IMAGE_BYTES bytes); call it between trials.
 * STORE_RECALL_UPDATING: pieces of an update are left, nothing is written.
 */
store_recall_status store_recall_save(const store_recall_net *net, uint8_t *image);

/*
 * Takes up where an image was saved, bit for bit, and begins a trial. A truncated, foreign or
 * damaged image is refused and changes nothing.
 */
store_recall_status store_recall_load(store_recall_net *net, const uint8_t *image, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
