// Package convert turns the graph of an .onnx file into a network.
//
// Network binds the symbolic dimensions, walks the nodes with the shapes and
// constants of package infer and the plans of package pattern, which joins what
// exporters write in several nodes, and declares the operators through
// graph.Builder.
//
// Opsets 1 to 27 of the default domain are read. Branches and loops are written
// out with what the walk knows of their conditions; results whose size depends on
// values of the data need a bound, or dimensions that the file states. What is not
// read is an error that names the node, the operator and the opset. Element types are
// ignored: the precision of a trace is an option of the trace, and quantised
// products are plain ones. An export in inference mode has batch normalisation
// folded into its convolutions, so its parameters are those of the file: a bias
// per channel where the network had gain and shift.
//
// Any graph ends in a network or an error: nodes, views and computed constants
// are bounded.
package convert
