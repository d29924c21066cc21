/*
 * blink.h - a spiking network, compiled by epropc.
 *
 * 2 spiking inputs, 1 LIF neurons (plain), 1 adaptive LIF neurons (adaptive), 1 leaky readouts. It
 * goes on learning on the device, by e-prop 1: eligibility traces times broadcast learning signals.
 *
 *     static blink_net net;             about 1 KiB: not on a stack
 *     blink_init(&net);
 *     for each trial:
 *         blink_reset(&net);
 *         for each step:
 *             blink_step(&net, spikes, count);
 *             blink_learn(&net, target);
 *         blink_update(&net);
 *
 * The caller owns the memory: no globals, no heap, no pointers inside, so a network may be copied,
 * and several may run side by side. Nothing here needs a C library. Same plan, same input: same
 * bits, on every machine.
 */
#ifndef BLINK_H
#define BLINK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sizes and versions ---------------------------------------------------------------------- */

#define BLINK_ABI 2                         /* changes when this interface does */
#define BLINK_IMAGE_VERSION 2               /* changes when the format of saved images does */
#define BLINK_PLAN UINT64_C(0x67F3938349C1F73D) /* same plan, same bits */

#define BLINK_INPUTS 2U                     /*  */
#define BLINK_NEURONS 2U                    /*  */
#define BLINK_OUTPUTS 1U                    /*  */
#define BLINK_STEPS 24U                     /* longest trial that can be learnt from */
#define BLINK_READOUT_FRACTION 20           /* a readout is an integer times 2^-20 */
#define BLINK_BLOCK 24U                     /* steps that are learnt from at a time */
#define BLINK_INPUT_CAPACITY 21U            /* input events that a block may have */
#define BLINK_SPIKE_CAPACITY 18U            /* spikes that a block may have */
#define BLINK_TILE 8U                       /* neurons that are learnt for at a time */
#define BLINK_IMAGE_BYTES 48U               /* size of a saved image */

/* ---- The network ----------------------------------------------------------------------------- */

/*
 * All memory of one network. Small members come first, then arrays in the order of their alignment,
 * so that every ABI gives the same size; what each is for is beside it. Read y and spikes freely;
 * leave the writing to the functions.
 */
typedef struct blink_net {
    int32_t y[1U];                          /* readouts */
    int32_t bias[1U];                       /* their bias, in y's format */
    int32_t raise_adaptive[1U];             /* what adaptation adds to the threshold */
    uint32_t origin;                        /* steps since reset at which t was 0, modulo 2^32 */
    int32_t rate;                           /* their learning rates */
    uint32_t updates;                       /* updates so far */
    uint32_t skipped;                       /* trials that were spoilt */
    uint32_t schedule;                      /* factor of the learning rate, Q16 */
    int16_t acc[2U];                        /* sums of arriving weights */
    int16_t v[2U];                          /* membrane potentials, after any reset */
    uint16_t ready[2U];                     /* first step at which the neuron may fire again */
    uint16_t spikes[2U];                    /* neurons that fired in the last step, ascending */
    uint16_t spike_end[2U];                 /* end of each population's part of spikes */
    uint16_t t;                             /* steps since step `origin` */
    uint16_t recorded;                      /* steps in the record */
    uint16_t piece;                         /* what of an update is next; 0: none is under way */
    uint16_t tile;                          /* first neuron of the tile that is next */
    int8_t w_input_to_plain[2U];            /* weights, [pre][post] */
    int8_t w_input_to_adaptive[2U];         /* weights, [pre][post] */
    int8_t w_adaptive_to_plain[1U];         /* weights, [pre][post] */
    int8_t w_plain_to_adaptive[1U];         /* weights, [pre][post] */
    int8_t w_plain_to_light[1U];            /* weights, [pre][post] */
    int8_t w_adaptive_to_light[1U];         /* weights, [pre][post] */
    uint8_t recording;                      /* 1 until the trial is spoilt or learnt from */
    uint8_t spoilt;                         /* 1: the record overflowed or the trial is too long */
    uint8_t gap[2U];                        /* arrays begin at a multiple of 8 */
    int32_t g[8U];                          /* gradients of a source's synapses onto a tile */
    uint16_t input_end[24U];                /* end of each step's part of input_events */
    int16_t error[24U];                     /* errors of the block, then filtered */
    uint16_t delta[200U];                   /* worth of an arrival to each neuron of a tile, + 2^15 */
    uint16_t record_times[18U];             /* their steps + 1, by neuron */
    uint16_t input_start[3U];               /* the same, by source */
    uint16_t record_start[3U];              /* record_end, by neuron */
    uint8_t record[18U];                    /* spikes of the block */
    uint16_t input_times[21U];              /* their steps, by source */
    uint16_t record_end[25U];               /* end of each step's part of record; [0]: before it */
    uint8_t psi[50U];                       /* surrogate derivatives of the block; of other steps */
    uint8_t input_events[21U];              /* input events of the block */
    uint8_t padding[3];
} blink_net;

/* What a function that can fail says. Negative: nothing was changed (but see blink_update). */
typedef enum blink_status {
    BLINK_OK = 0,                           /* done */
    BLINK_NOTHING_RECORDED = -1,            /* no step since reset, or already learnt from */
    BLINK_SPOILT = -2,                      /* the trial was too long or too busy for the record */
    BLINK_IMAGE_SIZE = -3,                  /* not as long as an image of this network */
    BLINK_IMAGE_FORMAT = -4,                /* not an image, or of another format version */
    BLINK_IMAGE_PLAN = -5,                  /* an image of another network or plan */
    BLINK_IMAGE_DAMAGED = -6,               /* the checksum is wrong */
    BLINK_UPDATING = -7,                    /* pieces of an update are left */
    BLINK_MORE = 1                          /* pieces of an update are left to do */
} blink_status;

/* ---- Functions ------------------------------------------------------------------------------- */

/* Makes a network with the weights that it was compiled with. */
void blink_init(blink_net *net);

/* Begins a trial: potentials, readouts and the record are cleared; weights are kept. */
void blink_reset(blink_net *net);

/*
 * One time step of 1.0 ms. The inputs that spike now are listed, each once, in any order; numbers
 * from BLINK_INPUTS on are ignored.
 */
void blink_step(blink_net *net, const uint16_t *spikes, uint16_t count);

/* The readouts after the last step, BLINK_OUTPUTS of them, each an integer times 2^-20. */
const int32_t *blink_readout(const blink_net *net);

/*
 * The membrane potential of neuron j after the last step and any reset; a threshold is between 256
 * and 512.
 */
int16_t blink_potential(const blink_net *net, uint16_t j);

/*
 * Says what the readouts should have been after the last step: the readouts wanted, in their
 * format. NULL (or no call): this step does not count. Costs O(outputs); all learning is in
 * blink_update.
 */
void blink_learn(blink_net *net, const int32_t *target);

/*
 * Ends the trial and learns from it. BLINK_NOTHING_RECORDED: there was none. BLINK_SPOILT: it was
 * too long or had more events than the record holds, so it was skipped, and counted in skipped.
 * Until the next reset, steps only infer.
 */
blink_status blink_update(blink_net *net);

/*
 * The same in pieces, so that no call takes long: blink_update_begin says what blink_update would,
 * and leaves all work to blink_update_slice, which does up to `budget` pieces: BLINK_OK when none
 * is left, else BLINK_MORE. A piece is a backward sweep or the columns of one projection, for
 * BLINK_TILE neurons. However it is cut, the same is learnt, bit for bit. Between the pieces after
 * blink_update_begin the network may step: it infers, with weights of which some are old and some
 * new, and nothing is recorded. blink_reset first does what is left; blink_save is refused;
 * blink_load drops it; blink_learn does nothing.
 */
blink_status blink_update_begin(blink_net *net);
blink_status blink_update_slice(blink_net *net, uint16_t budget);

/*
 * Writes what was learnt (BLINK_IMAGE_BYTES bytes); call it between trials. BLINK_UPDATING: pieces
 * of an update are left, nothing is written.
 */
blink_status blink_save(const blink_net *net, uint8_t *image);

/*
 * Takes up where an image was saved, bit for bit, and begins a trial. A truncated, foreign or
 * damaged image is refused and changes nothing.
 */
blink_status blink_load(blink_net *net, const uint8_t *image, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif
