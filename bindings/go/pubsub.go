package tenondb

// Publish is PUBLISH: how many subscriptions get the message. In a transaction it is delivered when that is committed.
func (c Commands) Publish(channel string, message any) (int64, error) {
	return c.integer("PUBLISH", channel, message)
}

// SPublish is SPUBLISH.
func (c Commands) SPublish(channel string, message any) (int64, error) {
	return c.integer("SPUBLISH", channel, message)
}
