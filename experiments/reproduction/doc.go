// Package reproduction is the frame of the paper's experiments: each sets a
// published claim beside what the model says, as tables, figures and a section of
// text in which every number is a link to the row of the CSV file that it is
// from. The packages below it hold the experiments themselves.
//
// It does: carry experiments and their outcome, write them as files, put the
// sections together. It does not: know the model.
package reproduction
