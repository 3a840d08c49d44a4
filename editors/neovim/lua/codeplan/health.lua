--- `:checkhealth codeplan`.
local client_of = require('codeplan.client')
local config = require('codeplan.config')

local M = {}

local health = vim.health or require('health') -- the latter before 0.8, to say that it is too old
local start = health.start or health.report_start
local ok = health.ok or health.report_ok
local info = health.info or health.report_info
local warn = health.warn or health.report_warn
local fail = health.error or health.report_error

function M.check()
  start('codeplan: Neovim')
  if not M.check_neovim() then
    return
  end
  start('codeplan: server')
  local server = M.check_program()
  M.check_clients()
  if server then
    start('codeplan: model and sandbox')
    M.check_machine(server)
  end
end

--- Whether the plugin can work in this Neovim.
---@return boolean
function M.check_neovim()
  local version = vim.version()
  local words = ('Neovim %d.%d.%d'):format(version.major, version.minor, version.patch)
  if vim.fn.has('nvim-0.11') == 1 then
    ok(words)
  elseif vim.fn.has('nvim-0.8') == 1 then
    ok(words .. ': the server is started with vim.lsp.start')
  else
    fail(words .. ' is too old', { 'Install Neovim 0.8 or newer.' })
    return false
  end
  for _, problem in ipairs(config.problems()) do
    warn(problem)
  end
  if not vim.g.loaded_codeplan then
    fail('plugin/codeplan.lua was not loaded', { 'Put the plugin on the runtime path.' })
  end
  return true
end

--- The server's program, found and asked for its version.
---@return string|nil
function M.check_program()
  local made = client_of.client_config(vim.api.nvim_get_current_buf())
  if type(made.cmd) ~= 'table' then
    info('the server is reached through a function (cmd)')
    return nil
  end
  local found = vim.fn.exepath(made.cmd[1])
  if found == '' then
    fail(('%s was not found'):format(made.cmd[1]), {
      'Install the Python package codeplan so that codeplan-server is on the PATH of Neovim,',
      "or name the program: vim.g.codeplan = { cmd = { '/path/to/codeplan-server' } }",
    })
    return nil
  end
  local words = vim.deepcopy(made.cmd)
  words[1] = found
  words[#words + 1] = '--version'
  local said, code = M.output(words)
  if code == 0 then
    ok(('%s: %s'):format(found, vim.trim(said)))
  else
    fail(('%s --version ended with %d: %s'):format(found, code, vim.trim(said)))
  end
  return found
end

--- What a program wrote, and its exit status.
---@param words string[]
---@return string, integer
function M.output(words)
  if vim.system then
    local done = vim.system(words, { text = true, timeout = 60000 }):wait()
    return done.stdout ~= '' and done.stdout or done.stderr, done.code
  end
  local said = vim.fn.system(words)
  return said, vim.v.shell_error
end

function M.check_clients()
  local clients = client_of.all()
  if #clients == 0 then
    info('no server is running: open a Python file first to check one')
    return
  end
  for _, client in ipairs(clients) do
    local status = M.ask_status(client)
    if not status then
      fail(('the server of client %d does not answer'):format(client.id), { 'See :Codeplan log' })
    else
      ok(table.concat(require('codeplan.status').lines(status), '; '))
      for _, problem in ipairs(status.settingsProblems) do
        warn(problem)
      end
    end
  end
end

---@param client vim.lsp.Client
---@return codeplan.Status|nil
function M.ask_status(client)
  local answer
  client_of.send(client, 'workspace/executeCommand', { command = 'codeplan.status' }, function(err, result)
    answer = { not err and result or nil }
  end)
  vim.wait(20000, function()
    return answer ~= nil
  end, 20)
  return answer and answer[1]
end

--- What `codeplan doctor`, beside the server, says about model, device and sandbox.
---@param server string path of the server's program
function M.check_machine(server)
  local doctor = vim.fn.fnamemodify(server, ':h') .. '/codeplan'
  if vim.fn.executable(doctor) == 0 then
    info('codeplan, the command line program, is not beside the server: no more can be said')
    return
  end
  local said = M.output({ doctor, 'doctor', '--json' })
  local decoded, found = pcall(vim.json.decode, said)
  if not decoded or type(found) ~= 'table' then
    warn('codeplan doctor --json gave no usable answer: ' .. vim.trim(said))
    return
  end
  for _, name in ipairs({ 'model', 'model file', 'device', 'python', 'llama-cpp-python' }) do
    if type(found[name]) == 'string' then
      info(('%s: %s'):format(name, found[name]))
    end
  end
  if type(found.sandbox) == 'string' then
    local report = found.sandbox:sub(1, 1) == 'C' and warn or ok
    report('sandbox: ' .. found.sandbox)
  end
  for _, problem in ipairs(found.problems or {}) do
    warn(problem)
  end
end

return M
