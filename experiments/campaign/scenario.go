package campaign

// scenarioOf is the number of the scenario of a shard: seeds come one after the
// other, each with every scenario.
func (c *Campaign) scenarioOf(shard int) int {
	return shard % max(len(c.Study.Scenarios()), 1)
}

// in returns the campaign of one scenario, which shares run and circumstances; of
// a study without scenarios the campaign itself.
func (c *Campaign) in(scenario int) (*Campaign, error) {
	if c.Study.Scenarios() == nil {
		return c, nil
	}
	if c.scene != nil && c.sceneAt == scenario {
		return c.scene, nil
	}
	s, err := c.Study.In(scenario)
	if err != nil {
		return nil, err
	}
	scene, err := prepared(s)
	if err != nil {
		return nil, err
	}
	scene.Run, scene.opts, scene.started = c.Run, c.opts, c.started
	c.scene, c.sceneAt = scene, scenario
	return scene, nil
}
