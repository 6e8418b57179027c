package units

// Dimension names a physical dimension of the model: one per quantity type.
// It drives ParseAs and Format where the type is not known at compile time.
type Dimension uint8

// The dimensions, each with the SI unit of its stored value.
const (
	DimRatio           Dimension = iota // 1
	DimLength                           // m
	DimArea                             // m^2
	DimTime                             // s
	DimFrequency                        // Hz
	DimCurrent                          // A
	DimCurrentDensity                   // A/m^2
	DimVoltage                          // V
	DimResistance                       // Ohm
	DimResistivity                      // Ohm*m
	DimResistanceArea                   // Ohm*m^2
	DimCapacitance                      // F
	DimEnergy                           // J
	DimEnergyPerBit                     // J/bit
	DimPower                            // W
	DimTemperature                      // K
	DimField                            // T
	DimMagnetization                    // A/m
	DimSurfaceEnergy                    // J/m^2
	DimEnergyDensity                    // J/m^3
	DimExchangeStiff                    // J/m
	DimResistancePerM                   // Ohm/m
	DimCapacitancePerM                  // F/m
	DimCurrentPerM                      // A/m
	DimElectricField                    // V/m
	DimVCMACoefficient                  // J/(V m)
	DimBandwidth                        // B/s
	DimBytes                            // B
	numDimensions
)

// Quantity is the set of the quantity types.
type Quantity interface {
	Length | Area | Time | Frequency | Current | CurrentDensity | Voltage |
		Resistance | Resistivity | ResistanceArea | Capacitance | Energy |
		EnergyPerBit | Power | Temperature | Field | Magnetization |
		SurfaceEnergy | EnergyDensity | ExchangeStiff | ResistancePerM |
		CapacitancePerM | CurrentPerM | ElectricField | VCMACoefficient | Bandwidth | Bytes | Ratio
}

// DimensionOf returns the dimension of the quantity type Q.
func DimensionOf[Q Quantity]() Dimension {
	var q Q
	switch any(q).(type) {
	case Length:
		return DimLength
	case Area:
		return DimArea
	case Time:
		return DimTime
	case Frequency:
		return DimFrequency
	case Current:
		return DimCurrent
	case CurrentDensity:
		return DimCurrentDensity
	case Voltage:
		return DimVoltage
	case Resistance:
		return DimResistance
	case Resistivity:
		return DimResistivity
	case ResistanceArea:
		return DimResistanceArea
	case Capacitance:
		return DimCapacitance
	case Energy:
		return DimEnergy
	case EnergyPerBit:
		return DimEnergyPerBit
	case Power:
		return DimPower
	case Temperature:
		return DimTemperature
	case Field:
		return DimField
	case Magnetization:
		return DimMagnetization
	case SurfaceEnergy:
		return DimSurfaceEnergy
	case EnergyDensity:
		return DimEnergyDensity
	case ExchangeStiff:
		return DimExchangeStiff
	case ResistancePerM:
		return DimResistancePerM
	case CapacitancePerM:
		return DimCapacitancePerM
	case CurrentPerM:
		return DimCurrentPerM
	case ElectricField:
		return DimElectricField
	case VCMACoefficient:
		return DimVCMACoefficient
	case Bandwidth:
		return DimBandwidth
	case Bytes:
		return DimBytes
	}
	return DimRatio
}

// dimensionInfo is one row of the table behind the parser and the printer.
type dimensionInfo struct {
	name string
	// show lists the units the printer chooses from, ascending; the first one
	// also takes values below it. Errors quote it as the units understood.
	show []string
}

func (d Dimension) info() dimensionInfo {
	switch d {
	case DimRatio:
		return dimensionInfo{"ratio", []string{"1"}}
	case DimLength:
		return dimensionInfo{"length", []string{"nm", "um", "mm", "m"}}
	case DimArea:
		return dimensionInfo{"area", []string{"um^2", "mm^2"}}
	case DimTime:
		return dimensionInfo{"time", []string{"ps", "ns", "us", "ms", "s"}}
	case DimFrequency:
		return dimensionInfo{"frequency", []string{"Hz", "kHz", "MHz", "GHz"}}
	case DimCurrent:
		return dimensionInfo{"current", []string{"fA", "pA", "nA", "uA", "mA", "A"}}
	case DimCurrentDensity:
		return dimensionInfo{"current density", []string{"A/m^2"}}
	case DimVoltage:
		return dimensionInfo{"voltage", []string{"uV", "mV", "V"}}
	case DimResistance:
		return dimensionInfo{"resistance", []string{"mOhm", "Ohm", "kOhm", "MOhm", "GOhm"}}
	case DimResistivity:
		return dimensionInfo{"resistivity", []string{"uOhm*cm"}}
	case DimResistanceArea:
		return dimensionInfo{"resistance-area product", []string{"Ohm*um^2"}}
	case DimCapacitance:
		return dimensionInfo{"capacitance", []string{"aF", "fF", "pF", "nF", "uF", "F"}}
	case DimEnergy:
		return dimensionInfo{"energy", []string{"aJ", "fJ", "pJ", "nJ", "uJ", "mJ", "J"}}
	case DimEnergyPerBit:
		return dimensionInfo{"energy per bit", []string{"fJ/bit", "pJ/bit", "nJ/bit"}}
	case DimPower:
		return dimensionInfo{"power", []string{"pW", "nW", "uW", "mW", "W", "kW"}}
	case DimTemperature:
		return dimensionInfo{"temperature", []string{"K"}}
	case DimField:
		return dimensionInfo{"magnetic field", []string{"mT", "T"}}
	case DimMagnetization:
		return dimensionInfo{"magnetization", []string{"kA/m"}}
	case DimSurfaceEnergy:
		return dimensionInfo{"surface energy", []string{"mJ/m^2"}}
	case DimEnergyDensity:
		return dimensionInfo{"energy density", []string{"kJ/m^3"}}
	case DimExchangeStiff:
		return dimensionInfo{"exchange stiffness", []string{"pJ/m"}}
	case DimResistancePerM:
		return dimensionInfo{"resistance per length", []string{"Ohm/um"}}
	case DimCapacitancePerM:
		return dimensionInfo{"capacitance per length", []string{"fF/um"}}
	case DimCurrentPerM:
		return dimensionInfo{"current per width", []string{"pA/um", "nA/um", "uA/um"}}
	case DimElectricField:
		return dimensionInfo{"electric field", []string{"V/m"}}
	case DimVCMACoefficient:
		return dimensionInfo{"VCMA coefficient", []string{"fJ/V/m"}}
	case DimBandwidth:
		return dimensionInfo{"bandwidth", []string{"B/s", "kB/s", "MB/s", "GB/s", "TB/s"}}
	case DimBytes:
		return dimensionInfo{"data size", []string{"B", "KiB", "MiB", "GiB", "TiB"}}
	default:
		return dimensionInfo{"unknown dimension", nil}
	}
}

// String returns the dimension's name as used in error messages.
func (d Dimension) String() string { return d.info().name }

// Units returns the units the printer uses for the dimension, ascending. The
// parser understands these and every other product of SI units, prefixes and
// the units of Symbols that has the dimension.
func (d Dimension) Units() []string { return d.info().show }

// other spellings named in error messages beside Units.
func (d Dimension) alternatives() []string {
	switch d {
	case DimArea:
		return []string{"nm^2"}
	case DimTime:
		return []string{"min", "h", "d", "yr"}
	case DimCurrentDensity:
		return []string{"MA/cm^2"}
	case DimEnergy:
		return []string{"eV"}
	case DimEnergyPerBit:
		return []string{"pJ/B"}
	case DimElectricField:
		return []string{"V/nm"}
	case DimTemperature:
		return []string{"degC"}
	case DimField:
		return []string{"Oe"}
	case DimMagnetization:
		return []string{"A/m", "emu/cm^3"}
	case DimSurfaceEnergy:
		return []string{"erg/cm^2"}
	case DimRatio:
		return []string{"%"}
	case DimBandwidth:
		return []string{"GiB/s", "Gbit/s"}
	case DimBytes:
		return []string{"kB", "MB", "Mibit"}
	default:
		return nil
	}
}

// vector holds the exponents of the base units.
type vector [numBase]int8

const (
	baseM = iota
	baseKg
	baseS
	baseA
	baseK
	baseBit
	numBase
)

func (d Dimension) vector() vector {
	switch d {
	case DimLength:
		return vector{baseM: 1}
	case DimArea:
		return vector{baseM: 2}
	case DimTime:
		return vector{baseS: 1}
	case DimFrequency:
		return vector{baseS: -1}
	case DimCurrent:
		return vector{baseA: 1}
	case DimCurrentDensity:
		return vector{baseA: 1, baseM: -2}
	case DimVoltage:
		return vector{baseM: 2, baseKg: 1, baseS: -3, baseA: -1}
	case DimResistance:
		return vector{baseM: 2, baseKg: 1, baseS: -3, baseA: -2}
	case DimResistivity:
		return vector{baseM: 3, baseKg: 1, baseS: -3, baseA: -2}
	case DimResistanceArea:
		return vector{baseM: 4, baseKg: 1, baseS: -3, baseA: -2}
	case DimCapacitance:
		return vector{baseM: -2, baseKg: -1, baseS: 4, baseA: 2}
	case DimEnergy:
		return vector{baseM: 2, baseKg: 1, baseS: -2}
	case DimEnergyPerBit:
		return vector{baseM: 2, baseKg: 1, baseS: -2, baseBit: -1}
	case DimPower:
		return vector{baseM: 2, baseKg: 1, baseS: -3}
	case DimTemperature:
		return vector{baseK: 1}
	case DimField:
		return vector{baseKg: 1, baseS: -2, baseA: -1}
	case DimMagnetization, DimCurrentPerM:
		return vector{baseA: 1, baseM: -1}
	case DimSurfaceEnergy:
		return vector{baseKg: 1, baseS: -2}
	case DimEnergyDensity:
		return vector{baseM: -1, baseKg: 1, baseS: -2}
	case DimExchangeStiff:
		return vector{baseM: 1, baseKg: 1, baseS: -2}
	case DimResistancePerM:
		return vector{baseM: 1, baseKg: 1, baseS: -3, baseA: -2}
	case DimCapacitancePerM:
		return vector{baseM: -3, baseKg: -1, baseS: 4, baseA: 2}
	case DimElectricField:
		return vector{baseM: 1, baseKg: 1, baseS: -3, baseA: -1}
	case DimVCMACoefficient:
		return vector{baseS: 1, baseA: 1, baseM: -1}
	case DimBandwidth:
		return vector{baseBit: 1, baseS: -1}
	case DimBytes:
		return vector{baseBit: 1}
	default:
		return vector{}
	}
}
