// Package process makes an optimisation problem of a program that is asked on
// its standard input and tells on its standard output, one JSON object a line:
//
//	> {"ask":"problem"}
//	< {"variables":[{"name":"width","type":"real","min":0.1,"max":2}],"objectives":["mass","sag"],"constraints":["stress"]}
//	> {"ask":1,"x":{"width":0.7}}
//	< {"tell":1,"f":[3.1,0.02],"g":[-0.4]}
//
// Objectives are minimised unless they say {"name": "speed", "goal": "max"}; null
// is a pole, as of a design without a value. A constraint is met at 0 and below, in
// units of its own scale. The program is asked again until its input ends.
package process
