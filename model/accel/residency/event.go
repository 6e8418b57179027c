package residency

// event is one movement of data of the current step.
type event struct {
	kind   eventKind
	tensor int32
	bytes  float64
	// DRAM bytes; of keeps, negative what need not be written after all.
	read, write float64
}

// eventKind says what moves.
type eventKind uint8

const (
	works   eventKind = iota // the step takes bytes as working space
	evicts                   // bytes leave the buffer, some of them written to DRAM
	dies                     // bytes leave that no step needs
	holds                    // bytes of an input are read and stay
	streams                  // bytes of an input are read, once or more, and pass
	makes                    // bytes of a result are accumulated in the buffer and stay
	emits                    // bytes of a result leave as they are computed
	keeps                    // bytes that pass stay after all
)
