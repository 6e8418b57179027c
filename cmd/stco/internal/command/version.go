package command

// Version is that of the tool.
const Version = "0.1.0"
