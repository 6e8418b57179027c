// Package suite declares the networks that ship with the model, by name: image
// classification, detection and segmentation (cv*.go), language (nlp*.go) and
// recommendation (rec.go).
//
// Build returns a network for a phase, sequence length and image size. Names of
// layers and parameters are those of the published implementation, which
// Network.Counted states with what is counted.
package suite
