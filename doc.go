// Package stco is a tool for system-technology co-optimisation of the on-chip
// memory of AI accelerators. The package itself holds the published figures that
// the model is held to (Published). Which package may import which is the table
// of imports_test.go, a test; the list below is made of it.
//
// One sentence of flow: a study names a space and workloads; the search
// proposes points; a point becomes a design; the model turns the design into a
// report; objectives turn the report into numbers; the store keeps them;
// tables, CSV and figures read the store and nothing else.
//
// The packages:
//
//	cmd/stco                       main: writers, signals and exit code
//	cmd/stco/internal/cli          the verbs put together; exit codes; init, schema, completion
//	cmd/stco/internal/command      what verbs share: flags, errors, files, printing
//	cmd/stco/internal/runs         run, resume, verify, pareto, export, plot, compare, eval
//	cmd/stco/internal/watch        status, watch: a run while it goes on
//	cmd/stco/internal/serve        serve: the report of a run in a browser, live
//	cmd/stco/internal/sensitivity  sensitivity: which knob matters, which assumption could turn the verdict
//	cmd/stco/internal/figures      plot device, plot array: curves of the model
//	cmd/stco/internal/technology   tech, array
//	cmd/stco/internal/workloads    workload, traffic
//	cmd/stco/internal/problems     explore
//	cmd/stco/internal/validate     validate, docs/validation.md
//	cmd/stco/internal/experiment   experiment: the paper's experiments
//	cmd/mutate                     mutation testing: whether the tests of a package notice
//	cmd/frontbench                 times of sorting and hypervolume beside published ones
//	experiments/study              study and design files; model and problem of a study
//	experiments/study/strict       YAML read strictly: every fault with file, line and key
//	experiments/study/catalog      technology tables: the embedded ones and those of a user
//	experiments/study/workloads    the networks of a study and how each is run
//	experiments/study/networks     the files that studies and commands name as networks
//	experiments/designs            designs as rows of tables
//	experiments/baselines          conventional buffers beside a design, gains over them, doubts
//	experiments/evaluate           single designs: parts, spread of cells, line by line
//	experiments/interop            a design in the formats of NVSim, CACTI, Accelergy, NVMExplorer and gem5
//	experiments/answer             what a campaign concludes: front, technologies, verdict, ladder, knee, doubts
//	experiments/inspect            a run read back: designs, joint and crossed fronts, scenarios, figures, check
//	experiments/campaign           run and resume of a study in a run directory
//	experiments/slurm              scripts and job arrays of the batch scheduler Slurm
//	experiments/sensitivity        sensitivity of a design to its knobs and to the uncertain constants
//	experiments/monitor            how far and how fast a run is, from its files
//	experiments/sensitivity/effects Sobol indices, elementary effects, correlation ratio
//	experiments/compare            runs in one frame: hypervolume, tests, attainment
//	experiments/reproduction       the frame of the paper's experiments: claims, tables, figures, sections
//	experiments/reproduction/rivals the best buffers of each technology under one set of circumstances
//	experiments/reproduction/regimes where SOT-MRAM pays: the matrix of the claims, area
//	experiments/reproduction/stability what retention costs: the ladder from a generic cell to that of a workload, retention
//	experiments/reproduction/contest technologies, and ways to search them, in competition: shares of the joint front, within an area, joint against in turn
//	experiments/reproduction/literature other papers' results beside the model in their settings
//	experiments/reproduction/doubts which conclusions survive the constants in doubt
//	experiments/reproduction/demand what networks ask of capacity and bandwidth
//	results                        Table: rows under columns with unit, kind and meaning; choice of rows
//	results/store                  the run directory
//	results/store/claims           which process may write what
//	results/store/cache            texts that processes keep for each other, bounded and sealed
//	results/store/disk             files that survive a kill, sealed
//	results/table                  tables for people: terminal, Markdown, LaTeX
//	results/csv                    tables for programs: CSV, JSON, Parquet
//	results/plot                   figures
//	results/report                 a run as one HTML page
//	objectives                     metrics, constraints: point -> design -> report -> (f, g)
//	space                          parameters, points, sampling, repair; knows no model
//	explore                        the search; declares the Problem it needs
//	explore/evolution              islands: populations that breed, are cut back and exchange members
//	explore/sampling               random, Sobol and grid designs
//	explore/archive                every non-dominated design met
//	explore/selection              survivors: crowding, hypervolume, niches
//	explore/variation              crossover, differential steps, mutation
//	explore/pareto                 dominance, sorting, crowding
//	explore/hypervolume            measure, contributions, subsets
//	explore/indicators             epsilon indicator and IGD+ of fronts
//	explore/problems               published test problems with their fronts
//	explore/process                problems of programs: ask and tell as JSON lines
//	explore/points                 point sets of published results of sorting and hypervolume
//	explore/internal/coding        records in binary
//	explore/internal/evaluation    designs shared among workers; violation
//	explore/internal/seen          the designs that were evaluated
//	explore/internal/stream        random streams of islands and generations
//	explore/internal/sweep         ordered sweeps of points
//	model                          Design, Report, Evaluate: composition of the packages below
//	model/near                     names close to one that is unknown
//	model/units                    SI quantity types, Parse("0.8ns"), Format
//	model/tech                     embedded tables and those of users, each value with unit, source and kind
//	model/device                   bitcell physics: parameters -> Cell
//	model/population               cells that differ: samples of the process spread, yield
//	model/array                    Cell + organisation -> figures of bank and buffer
//	model/array/bitcell            SRAM cells, cells of reference runs and of user files
//	model/workload                 options, traces and their summaries
//	model/workload/graph           operators of a network and what they compute
//	model/workload/lower           network -> trace of an iteration, forward and backward
//	model/workload/lower/fusion    operators that run as one step, data that the backward pass reads
//	model/workload/lower/autograd  what a training framework keeps for the backward pass
//	model/workload/template        networks as YAML: templates with parameters, lists of layers
//	model/workload/template/cnn    templates of convolutional classifiers
//	model/workload/template/vision templates of vision transformers, detectors, segmentation, diffusion
//	model/workload/template/language templates of language, speech and recommendation models
//	model/workload/suite           the built-in networks
//	model/workload/foreign         workload files of SCALE-Sim, Timeloop, ZigZag, Calculon and Darknet
//	model/workload/onnx            reads .onnx files without their weights
//	model/workload/onnx/infer      shapes and constants of an ONNX graph
//	model/workload/onnx/pattern    operators that exporters spell as several
//	model/workload/onnx/inline     functions, branches and loops of a graph written out
//	model/workload/onnx/walk       what is known of every tensor while a graph is walked
//	model/workload/onnx/ops/views  parts, joints, repetitions, look-ups and lists of tensors
//	model/workload/onnx/ops/products convolutions, poolings, products, recurrences
//	model/workload/onnx/ops        operators of the default domain -> operators of a network
//	model/workload/onnx/fused      operators that stand for several: attention in one node, those of ONNX Runtime
//	model/workload/onnx/classic    linear models, support vectors and trees of ai.onnx.ml
//	model/workload/onnx/convert    ONNX graph -> network
//	model/accel                    PE array, dataflow, buffer, DRAM: memory + trace -> cost
//	model/accel/residency          what stays in the buffer between steps
//	model/accel/schedule           order of work: parts of the batch, groups of steps
//	model/accel/kept               schedules of a plan that one process keeps for another
//	model/accel/overlap            which DRAM transfers run beside the work of other steps
//	model/accel/window             input windows of tiles
//	model/accel/tiling             tiles and loop orders of least traffic
//	model/accel/systolic           cycles and accesses of a systolic array
//	model/validation/arrays        arrays beside NVSim, CACTI, DESTINY, NS-Cache and silicon
//	model/validation/machines      whole machines beside what is published of them
//	model/validation               every published figure beside ours, bound and deviation
package stco
