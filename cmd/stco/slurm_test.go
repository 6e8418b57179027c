package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clusterStudy has 12 shards: two scenarios, six seeds.
const clusterStudy = `stco: 1
name: night
workloads: [{network: mobilenet_v2, phase: inference, batch: 1}]
space: {technology: sot, material: [beta-w, beta-w-co], ecc: [none, secded, dec], capacity: {min: 1MiB, max: 16MiB}, clock: 1GHz, read_bus: 4096, write_bus: 2048}
axes: {batch: [1, 4]}
objectives: [energy, latency, area]
search: {algorithm: nsga2, population: 40, islands: 2, migration_every: 3, evaluations: 20000, returned: 30}
seed: 5
seeds: 6
`

// cluster is a Slurm of three nodes on this machine, in a directory, without root.
type cluster struct {
	t       *testing.T
	dir     string
	user    string
	daemons map[string]*exec.Cmd
}

// start runs a daemon in the foreground, in a group of its own.
func (c *cluster) start(name string, words ...string) {
	c.t.Helper()
	cmd := exec.Command(words[0], words[1:]...) //nolint:gosec // daemons of Slurm, named below
	cmd.Env = append(os.Environ(), "SLURM_CONF="+c.dir+"/slurm.conf")
	log, err := os.OpenFile(filepath.Join(c.dir, name+".out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.daemons[name] = cmd
	_ = log.Close()
}

// kill ends a daemon as a power cut does.
func (c *cluster) kill(name string) {
	if cmd := c.daemons[name]; cmd != nil {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		delete(c.daemons, name)
	}
}

// slurm runs a program of Slurm, or stco, and returns what it prints.
func (c *cluster) slurm(words ...string) (string, error) {
	cmd := exec.Command(words[0], words[1:]...) //nolint:gosec // of this test
	cmd.Env = append(os.Environ(), "SLURM_CONF="+c.dir+"/slurm.conf")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, said.String())
	}
	return string(out), err
}

// until waits for something; a failure shows the logs of the daemons.
func (c *cluster) until(what string, limit time.Duration, is func() bool) {
	c.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if is() {
			return
		}
	}
	for _, name := range []string{"ctld", "n1", "n2", "n3", "munged"} {
		text, _ := os.ReadFile(filepath.Join(c.dir, name+".out")) // for a person
		c.t.Logf("%s:\n%s", name, text[max(0, len(text)-2000):])
	}
	c.t.Fatalf("not within %s: %s", limit, what)
}

// ports are free ones of this machine.
func ports(t *testing.T, n int) []string {
	t.Helper()
	var out []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, port)
	}
	return out
}

// newCluster starts munge, a controller and three nodes of two processors.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol"} {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: in CI the campaigns on Slurm must run", name)
		}
		t.Skipf("SKIPPED, NOTHING WAS TRIED ON SLURM: %s is not installed (Debian: slurm-wlm, munge)", name)
	}
	dir, err := os.MkdirTemp("", "slurm") //nolint:usetesting // short: paths of sockets are
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, dir: dir, daemons: map[string]*exec.Cmd{}}
	t.Cleanup(func() {
		killTasks(t, c.dir, "", "")
		for name := range c.daemons {
			c.kill(name)
		}
		_ = os.RemoveAll(dir) // below the directory of temporary files
	})
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	c.user = me.Username
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	port := ports(t, 4)
	conf := fmt.Sprintf(`ClusterName=mini
SlurmctldHost=%[2]s(127.0.0.1)
SlurmctldPort=%[4]s
SlurmUser=%[3]s
SlurmdUser=%[3]s
AuthType=auth/munge
AuthInfo=socket=%[1]s/munge.sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=%[1]s/state
SlurmctldPidFile=%[1]s/ctld.pid
SlurmdPidFile=%[1]s/slurmd-%%n.pid
SlurmdSpoolDir=%[1]s/spool-%%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SlurmdTimeout=6
KillWait=2
ReturnToService=2
SchedulerParameters=sched_min_interval=0,bf_interval=1,batch_sched_delay=0
`, dir, host, me.Username, port[0])
	for i, p := range port[1:] {
		conf += fmt.Sprintf("NodeName=n%d NodeHostname=%s NodeAddr=127.0.0.1 Port=%s CPUs=2\n", i+1, host, p)
	}
	conf += "PartitionName=main Nodes=n[1-3] Default=YES State=UP\n"
	key := bytes.Repeat([]byte("key of a cluster of tests "), 10)
	for name, data := range map[string][]byte{"slurm.conf": []byte(conf), "munge.key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"state", "spool-n1", "spool-n2", "spool-n3"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.start("munged", "munged", "--foreground", "--force", "--key-file="+dir+"/munge.key", "--socket="+dir+"/munge.sock", "--pid-file="+dir+"/munged.pid", "--log-file="+dir+"/munged.log", "--seed-file="+dir+"/munge.seed")
	c.until("socket of munge", 20*time.Second, func() bool { _, err := os.Stat(dir + "/munge.sock"); return err == nil })
	c.start("ctld", "slurmctld", "-D", "-c")
	for _, n := range []string{"n1", "n2", "n3"} {
		c.node(n)
	}
	c.ready(3)
	return c
}

func (c *cluster) node(name string) { c.start(name, "slurmd", "-D", "-N", name) }

func (c *cluster) ready(nodes int) {
	c.t.Helper()
	c.until(fmt.Sprintf("%d idle nodes", nodes), 90*time.Second, func() bool {
		out, err := c.slurm("sinfo", "-h", "-N", "-t", "idle", "-o", "%n")
		return err == nil && len(strings.Fields(out)) == nodes
	})
}

// killTasks kills processes of a cluster with -9: those of a node ("" of all) whose
// program has a name ("" every one, with the daemon of Slurm that holds it).
func killTasks(t *testing.T, dir, node, name string) (killed int) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil || !bytes.Contains(env, []byte("SLURM_CONF="+dir+"/slurm.conf\x00")) || !bytes.Contains(env, []byte("SLURMD_NODENAME="+node)) || !bytes.Contains(env, []byte("SLURM_JOB_ID=")) {
			continue
		}
		comm, err := os.ReadFile(filepath.Join("/proc", e.Name(), "comm"))
		if err != nil || name != "" && strings.TrimSpace(string(comm)) != name {
			continue
		}
		if name == "" {
			killHolder(e.Name())
		}
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	return killed
}

// killHolder kills the step daemon whose child a process is.
func killHolder(pid string) {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 2 {
		return
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil || parent <= 1 {
		return
	}
	if comm, err := os.ReadFile(filepath.Join("/proc", fields[1], "comm")); err == nil && strings.HasPrefix(string(comm), "slurmstepd") {
		_ = syscall.Kill(parent, syscall.SIGKILL) // it may have ended
	}
}

// done counts the shards of a run that are done.
func done(dir string) int {
	names, _ := filepath.Glob(dir + "/shards/*/done.json") // the pattern is right
	return len(names)
}

// finish waits until nothing is queued and submits what is missing, until the run is
// merged; returns how often it had to.
func (c *cluster) finish(stco, dir string) (again int) {
	c.t.Helper()
	for {
		c.until("an empty queue", 5*time.Minute, func() bool {
			c.administer()
			out, err := c.slurm("squeue", "-h", "-r", "-o", "%r")
			held, waits := strings.Count(strings.ToLower(out), "held"), strings.Count(out, "Dependency")
			return err == nil && (out == "" || held > 0 && strings.Count(out, "\n") == held+waits) // held tasks, and a merge after them
		})
		if _, err := os.Stat(dir + "/manifest.json"); err == nil {
			return again
		}
		if again++; again > 4 {
			outs, _ := filepath.Glob(dir + "/slurm/*.out") // the pattern is right
			for _, o := range outs {
				text, _ := os.ReadFile(o) // for a person
				c.t.Logf("%s:\n%s", o, text)
			}
			c.t.Fatalf("%d of 12 shards after %d submissions", done(dir), again)
		}
		if _, err := c.slurm(stco, "resume", dir, "--slurm"); err != nil {
			c.t.Fatal(err)
		}
	}
}

// administer does what the administrator of a cluster has to after its controller
// was killed before it had written which jobs it had started: it starts them twice,
// and takes the nodes out of service that have them already.
func (c *cluster) administer() {
	if out, err := c.slurm("sinfo", "-h", "-N", "-t", "drain", "-o", "%n"); err == nil && strings.TrimSpace(out) != "" {
		_, _ = c.slurm("scontrol", "update", "nodename="+strings.Join(strings.Fields(out), ","), "state=resume") // until another look
	}
}

// sum is the SHA-256 of the merged front.
func sum(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(dir + "/front.json")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// TestSlurm runs a campaign of 12 shards on a real Slurm of three nodes, and kills
// a node, tasks and the controller: each time the merged front has the SHA-256 of
// the run of one process.
func TestSlurm(t *testing.T) {
	c := newCluster(t)
	stco := c.dir + "/stco"
	if out, err := exec.Command("go", "build", "-o", stco, ".").CombinedOutput(); err != nil { //nolint:gosec // this program
		t.Fatalf("%v\n%s", err, out)
	}
	study := c.dir + "/night.yaml"
	if err := os.WriteFile(study, []byte(clusterStudy), 0o600); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := c.slurm(stco, "run", study, "--out", c.dir+"/local", "--quiet"); err != nil {
		t.Fatal(err)
	}
	want := sum(t, c.dir+"/local")
	report := []string{fmt.Sprintf("%-44s %6.1f s, front.json %.16s", "one process on this machine", time.Since(begun).Seconds(), want)}
	for _, scene := range []struct {
		name string
		harm func(t *testing.T, dir string) (text string) // with some shards done and some running
	}{
		{"nothing", func(*testing.T, string) string { return "" }},
		{"tasks", func(t *testing.T, _ string) string {
			n := killTasks(t, c.dir, "", "stco")
			time.Sleep(time.Second)
			return fmt.Sprintf("%d stco and %d of all killed", n, killTasks(t, c.dir, "", ""))
		}},
		{"controller", func(*testing.T, string) string {
			c.kill("ctld")
			time.Sleep(3 * time.Second) // tasks end meanwhile
			c.start("ctld", "slurmctld", "-D")
			return "controller killed, started 3 s later"
		}},
		{"array", func(*testing.T, string) string {
			c.kill("ctld")
			n := killTasks(t, c.dir, "", "")
			c.start("ctld", "slurmctld", "-D", "-c") // which forgets the array
			return fmt.Sprintf("controller killed with the array, %d processes killed", n)
		}},
		{"node", func(t *testing.T, _ string) string {
			c.kill("n2")
			return fmt.Sprintf("daemon of n2 and %d processes killed", killTasks(t, c.dir, "n2", ""))
		}},
	} {
		dir := c.dir + "/" + scene.name
		begun := time.Now()
		for _, words := range [][]string{
			{stco, "run", study, "--out", dir, "--prepare", "--quiet"},
			{stco, "submit", dir, "--slurm", "--partition", "main", "--tasks", "12"},
		} {
			if _, err := c.slurm(words...); err != nil {
				t.Fatal(err)
			}
		}
		c.until("two shards of "+scene.name, 2*time.Minute, func() bool { return done(dir) >= 2 })
		at := done(dir)
		text := scene.harm(t, dir)
		again := c.finish(stco, dir)
		if got := sum(t, dir); got != want {
			t.Errorf("%s: front.json %s, of one process %s", scene.name, got, want)
		}
		if _, err := c.slurm(stco, "verify", dir); err != nil {
			t.Error(err)
		}
		report = append(report, fmt.Sprintf("%-10s %-33s %6.1f s, front.json %.16s, at %d shards done; submitted again %d times",
			scene.name, text, time.Since(begun).Seconds(), sum(t, dir), at, again))
		if scene.name == "node" {
			continue // the last
		}
		if _, err := c.slurm("scancel", "--user="+c.user); err != nil {
			t.Error(err)
		}
		c.ready(3)
	}
	t.Logf("12 shards, 240,000 evaluations:\n%s", strings.Join(report, "\n"))
	if _, err := c.slurm(stco, "resume", c.dir+"/local", "--slurm"); err == nil || !strings.Contains(err.Error(), "was not submitted yet") {
		t.Error(err)
	}
	var exit *exec.ExitError
	if _, err := c.slurm(stco, "submit", c.dir+"/local"); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Error(err)
	}
}
