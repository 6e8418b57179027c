// Package suite holds the networks that ship with the model, by name: YAML files of
// image classification, detection and segmentation (cv), language (nlp) and
// recommendation (rec).
//
// Build returns a network for a phase, sequence length and image size. Names of
// layers and parameters are those of the published implementation, which
// Network.Counted states with what is counted.
package suite
