// Package study says what a study and a design are: it reads their files through
// the packages below it, writes them with every default filled in, prints their
// JSON Schema, embeds the studies of the paper, and builds model and problem of a
// study. It runs none; that is campaign.
//
// It stays one package above 1,500 lines because one thing lives here: every file
// reads, writes, changes or describes a section of the type Study.
package study
