@echo off
rem Runs yusuan from its own environment (.venv beside this file), made on first use.
rem A workbook dropped on this file is built. ASCII only and CRLF: cmd misreads UTF-8 batch files.
setlocal
set "HERE=%~dp0"
set "VENV=%HERE%.venv"
set PYTHONUTF8=1
set PYTHONIOENCODING=utf-8
chcp 65001 >nul
if exist "%VENV%\.yusuan-ready" goto run
set "PY="
where py >nul 2>nul && py -3 -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "PY=py -3"
if not defined PY where python >nul 2>nul && python -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul && set "PY=python"
if not defined PY (
  echo Python 3.11 or newer is needed. Install it from https://www.python.org/downloads/ and tick "Add to PATH".
  pause
  exit /b 2
)
echo First run: preparing, about one minute ...
if not exist "%VENV%\Scripts\python.exe" %PY% -m venv "%VENV%" || goto failed
"%VENV%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check -e "%HERE%.[pdf,audit]" || "%VENV%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check -e "%HERE%." || goto failed
echo ready> "%VENV%\.yusuan-ready"
:run
if "%~1"=="" (
  "%VENV%\Scripts\python.exe" -m generator --help
  pause
  exit /b 2
)
for %%X in (.xlsx .xls .xlsm .et .ods) do if /i "%~x1"=="%%X" goto drop
"%VENV%\Scripts\python.exe" -m generator %*
exit /b %ERRORLEVEL%
:drop
set "CODE=0"
:next
if "%~1"=="" goto done
"%VENV%\Scripts\python.exe" -m generator build "%~1" -o "%~dp1."
if errorlevel 1 set "CODE=%ERRORLEVEL%"
shift
goto next
:done
pause
exit /b %CODE%
:failed
echo Could not prepare the environment. Check the network and run again.
pause
exit /b 2
