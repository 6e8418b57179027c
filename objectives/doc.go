// Package objectives is the only bridge between the search and the model: it
// names the metrics of a report, decodes a point of a space into a design, and
// turns the report of that design into objective and constraint values.
//
// The flow of one evaluation: point -> axes set the knobs of a design ->
// model.Evaluator -> report -> metrics -> (f, g). All objectives are minimised
// (a metric to be maximised is negated); a constraint value is at most 0 when
// met and counted in units of its own bound.
package objectives
