package experiments

// version is that of the tool.
const version = "0.1.0"

// Version returns the version of the tool.
func Version() string { return version }
