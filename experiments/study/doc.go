// Package study reads study, design and cell files strictly, writes them with
// every default filled in, prints their JSON Schema, embeds the studies of the
// paper, and builds model and problem of a study. It opens no file.
package study
