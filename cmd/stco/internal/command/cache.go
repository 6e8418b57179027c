package command

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/urfave/cli/v2"

	"stco/model/accel"
	"stco/results/store/cache"
	"stco/results/store/disk"
)

// cacheLimit bounds what is kept in the directory of the user, bytes.
const cacheLimit = 1 << 30

// cacheFlag names the directory of schedules; --cache is of latent attention.
const cacheFlag = "schedule-cache"

// noCache is the word for keeping nothing.
const noCache = "off"

// CacheVariable is the variable of the environment that says where schedules are kept.
const CacheVariable = "STCO_CACHE"

// Cached lets a verb that counts traffic keep schedules for other processes.
func Cached(env *Env, c *cli.Command) {
	c.Flags = append(c.Flags, &cli.StringFlag{
		Name: cacheFlag, DefaultText: "$" + CacheVariable + ", or stco in the user's cache directory",
		Usage: "`DIR` where traffic schedules are kept for other processes, at most 1 GiB; off: none; does not change results",
		Action: func(_ *cli.Context, s string) error {
			if s == "" {
				return Usagef("--%s: a directory, or %s", cacheFlag, noCache)
			}
			return nil
		},
	})
	do := c.Action
	c.Action = func(x *cli.Context) error {
		accel.Keep(nil)
		if dir := cacheDir(env, x); dir != "" {
			accel.Keep(&cache.Dir{FS: disk.OS{}, Path: dir, Version: Executable, Limit: cacheLimit, Now: env.Now})
		}
		defer accel.Flush()
		return do(x)
	}
}

// cacheDir returns where schedules are kept; "" for nowhere.
func cacheDir(env *Env, c *cli.Context) string {
	dir := c.String(cacheFlag)
	if dir == "" {
		dir = env.Getenv(CacheVariable)
	}
	if dir == noCache {
		return ""
	}
	if dir != "" {
		return dir
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "stco")
	}
	return "" // a user without a home keeps nothing
}

// Executable returns the SHA-256 of the program; empty when it cannot be read.
var Executable = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
})
